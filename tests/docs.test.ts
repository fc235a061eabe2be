/**
 * The examples of the pages: those of a page, pasted one below the other, are one program. It is run in the runtime of
 * this test, in Deno with the permissions that README.md and the page name, and prints what the page says. A file
 * `main.mjs` is a program of its own, which prints what stands behind its calls as a comment.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Engine, startEngine, whyNo } from "@reapool/engines";
import { node24 } from "@reapool/runtimes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { type Examples, isOutput, readExamples } from "./support/document.ts";
import { startCommand } from "./support/host.ts";

const PAGES = [
  "README",
  "docs/tasks",
  "docs/shared-memory",
  "docs/workers",
  "docs/errors",
  "docs/migrating",
  "docs/zombies",
  "docs/queues",
];

const isNode22 = name === "node" && process.versions.node.startsWith("22.");

/** Beside this file, where the packages are found. It hides itself from git, and from tsc by its first letter. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(fileURLToPath(new URL(".docs-", import.meta.url)));
  writeFileSync(join(folder, ".gitignore"), "*\n");
});
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

/** The page on queues takes a Redis; it names where one is. */
const whyNoQueue = whyNo("redis");
let redis: Engine | undefined;
beforeAll(async () => {
  if (whyNoQueue === undefined) redis = await startEngine("redis", { isDurable: false });
});
afterAll(() => redis?.stop());

describe(`the documents on ${name}`, () => {
  for (const page of PAGES) {
    const examples = readExamples(new URL(`../${page}.md`, import.meta.url));
    const why = page === "docs/queues" ? whyNoQueue : undefined;
    it.skipIf(why !== undefined || (isNode22 && examples.program.includes("await using")))(
      `${page}.md, pasted, prints what it says${why === undefined ? "" : ` (skipped: ${why})`}`,
      { timeout: 180_000 },
      async () => {
        const place = join(folder, page);
        mkdirSync(place, { recursive: true });
        for (const [file, text] of examples.files) write(place, file, text);
        await check(write(place, "program.ts", examples.program), examples);
      },
    );

    const main = examples.files.get("main.mjs");
    if (main === undefined) continue;
    // The first that a reader pastes: in every runtime, with no flag but Deno's.
    it.each(["mjs", "ts"])(
      `the first program of ${page}.md, as %s, prints what its comments say`,
      async (ending) => {
        const place = join(folder, page, `.${ending}`); // hidden from tsc: it has no types
        mkdirSync(place, { recursive: true });
        const rename = (text: string) => text.replaceAll(".mjs", `.${ending}`);
        write(place, rename("work.mjs"), rename(examples.files.get("work.mjs") ?? ""));
        const output = [...main.matchAll(/^console\.log\(.*\); \/\/ (.+)$/gm)]
          .map(([, said]) => `${said}\n`)
          .join("");
        expect(output).not.toBe("");
        await check(write(place, rename("main.mjs"), rename(main)), { ...examples, output });
      },
    );
  }

  // The same text in each runtime and each Node, so once is enough.
  it.skipIf(node24 === undefined || process.execPath !== realpathSync(node24))("their types fit", () => {
    const config = {
      extends: "../tsconfig.json",
      compilerOptions: { rootDir: "../.." },
      include: ["**/*.ts"],
      references: [],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
    expect(status, stdout).toBe(0);
  });
});

async function check(file: string, { output: expected, denoFlags }: Examples): Promise<void> {
  const { output, stderr, isGoodEnd } = await run(file, denoFlags);
  if (expected === undefined) expect(isGoodEnd, output + stderr).toBe(true);
  else if (!isOutput(output, expected)) expect(output, stderr).toBe(expected);
}

function write(place: string, file: string, text: string): string {
  const path = join(place, file);
  writeFileSync(path, text);
  return path;
}

/**
 * What a program prints to stdout, and how it ended if not well. stderr goes to a file: what a worker says when it dies
 * is no output of an example.
 */
async function run(
  file: string,
  denoFlags: readonly string[],
): Promise<{ output: string; stderr: string; isGoodEnd: boolean }> {
  const { FORCE_COLOR: _, ...env } = process.env;
  const errors = `${file}.stderr`;
  const program = [process.execPath, ...(name === "deno" ? ["run", "--no-prompt", ...denoFlags] : []), file];
  const { ended } = startCommand("/bin/sh", ["-c", 'exec "$@" 2> "$0"', errors, ...program], {
    ...env,
    NO_COLOR: "1",
    ...(redis !== undefined && { REDIS_URL: redis.url }),
  });
  const { code, signal, output } = await ended;
  const end = code === 0 ? "" : signal === null ? `(exit code ${code})\n` : `(ended by ${signal})\n`;
  return { output: output + end, stderr: readFileSync(errors, "utf8"), isGoodEnd: code === 0 };
}
