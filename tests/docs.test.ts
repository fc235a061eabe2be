/** The examples of the documents: each is run in the runtime of this test, and prints what the document says. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { node24 } from "@reapool/runtimes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { isOutput, outputsOf, type Program, readExamples } from "./support/document.ts";
import { startCommand } from "./support/host.ts";

const DOCUMENTS = ["tasks", "shared-memory", "workers", "errors", "migrating"];

/** Programs of a document that run at the same time: each waits for its workers most of the time. */
const AT_ONCE = 3;

/** Beside this file, where the packages are found. It hides itself from git, and from tsc by its first letter. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(fileURLToPath(new URL(".docs-", import.meta.url)));
  writeFileSync(join(folder, ".gitignore"), "*\n");
});
afterAll(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

describe(`the documents on ${name}`, () => {
  for (const document of DOCUMENTS) {
    const { files, programs } = readExamples(new URL(`../docs/${document}.md`, import.meta.url));
    it(`${document}.md: ${programs.length} programs print what it says`, { timeout: 180_000 }, async () => {
      const place = mkdtempSync(join(folder, `${document}-`));
      for (const [file, text] of files) write(place, file, text);
      const waiting = [...programs];
      const runNext = async (): Promise<void> => {
        const program = waiting.shift();
        if (program === undefined) return;
        await check(program, place, document);
        return runNext();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, runNext));
    });
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

async function check(program: Program, place: string, document: string): Promise<void> {
  const file = write(place, `line-${program.line}.ts`, program.source);
  const { output, stderr, isGoodEnd } = await run(file);
  for (const [i, printed] of outputsOf(program, output).entries()) {
    const { line, output: expected } = program.steps[i] as Program["steps"][number];
    const where = `${document}.md, line ${line}, stderr: ${stderr}`;
    if (printed === undefined) expect.fail(`not reached: ${where}`);
    else if (expected !== undefined && !isOutput(printed, expected)) expect(printed, where).toBe(expected);
  }
  const isEndTold = program.steps.at(-1)?.output !== undefined;
  expect(isGoodEnd || isEndTold, `${document}.md, line ${program.line}: ${output}${stderr}`).toBe(true);
}

/** The documents are written for Node; a program changes its runtime by this name alone. */
function write(place: string, file: string, text: string): string {
  const path = join(place, file);
  writeFileSync(path, text.replaceAll("@reapool/node", `@reapool/${name}`));
  return path;
}

/**
 * What a program prints to stdout, and how it ended if not well. stderr goes to a file: what a worker says when it dies
 * is no output of an example.
 */
async function run(file: string): Promise<{ output: string; stderr: string; isGoodEnd: boolean }> {
  const { FORCE_COLOR: _, ...env } = process.env;
  const errors = `${file}.stderr`;
  const program = [process.execPath, ...(name === "deno" ? ["run", "-A"] : []), file];
  const { ended } = startCommand("/bin/sh", ["-c", 'exec "$@" 2> "$0"', errors, ...program], {
    ...env,
    NO_COLOR: "1",
  });
  const { code, signal, output } = await ended;
  const end = code === 0 ? "" : signal === null ? `(exit code ${code})\n` : `(ended by ${signal})\n`;
  return { output: output + end, stderr: readFileSync(errors, "utf8"), isGoodEnd: code === 0 };
}
