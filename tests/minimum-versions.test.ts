/**
 * An adapter in another runtime, or in one that is too old, says so by name: at import, and in a worker. What has no
 * runtime of its own loads in all: the launchers, the workers' side and the tools for tests.
 *
 * Vitest resolves `reapool` as Node would, in every runtime: what it is for each is asked in a process of its own.
 *
 * Old versions are tried where `OLD_RUNTIMES` names a folder with executables such as `node-22.11.0`, `bun-1.3.14` and
 * `deno-2.7.14`; elsewhere these tests are skipped.
 */
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { node24 } from "@reapool/runtimes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adapter, name } from "./support/adapter.ts";

type Name = "node" | "bun" | "deno";
const NAMES = ["node", "bun", "deno"] as const;
const TITLES = { node: "Node", bun: "Bun", deno: "Deno" } as const;
const OWN = name as Name;
const { createPool, WorkerStartError } = adapter;

const importing = fileURLToPath(new URL("fixtures/importing.mjs", import.meta.url));

/** What `fixtures/importing.mjs` says, or whatever else the runtime does. */
function importIn(runtime: Name, executable: string, ...specifiers: string[]): string {
  const flags = runtime === "deno" ? ["run", "-A"] : [];
  const { stdout, stderr } = spawnSync(executable, [...flags, importing, ...specifiers], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  });
  return /^(?:loaded|the same|another|failed: .*)$/m.exec(stdout)?.[0] ?? stdout + stderr;
}

describe(`imports in ${name}`, () => {
  const others = NAMES.filter((other) => other !== OWN);

  it.each(others)("@reapool/%s says which runtime it is for, and what to import", (other) => {
    const said = importIn(OWN, process.execPath, `@reapool/${other}`);
    expect(said).toMatch(`Expected @reapool/${other} to run in ${TITLES[other]}, this is ${TITLES[OWN]} `);
    expect(said).toContain('import "reapool"');
  });

  it("reapool is this runtime's adapter", () => {
    expect(importIn(OWN, process.execPath, "reapool", `@reapool/${OWN}`)).toBe("the same");
  });

  const everywhere = ["launcher", "worker", "testing"].flatMap((entry) =>
    ["reapool", ...NAMES.map((other) => `@reapool/${other}`)].map((module) => `${module}/${entry}`),
  );
  it.each(everywhere)("%s loads", (specifier) => {
    expect(importIn(OWN, process.execPath, specifier)).toBe("loaded");
  });
});

describe(`a worker program in ${name}`, () => {
  /** As `launcher({ executable })` would start it. */
  const startProgram = (other: Name, executable: string) => {
    const program = fileURLToPath(new URL(`../packages/${other}/dist/worker-main.mjs`, import.meta.url));
    const runs = OWN === "deno" ? ["run", "-A"] : [];
    return spawnSync(executable, [...runs, program], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
  };

  it.each(NAMES.filter((other) => other !== OWN))("of @reapool/%s says which runtime it is for", (other) => {
    const { status, stderr } = startProgram(other, process.execPath);
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      `Expected @reapool/${other} to run in ${TITLES[other]}, this is ${TITLES[OWN]} `,
    );
  });
});

const folder = process.env.OLD_RUNTIMES;
const supported = (of: Name) => {
  const file = new URL(`../packages/${of}/src/supported.ts`, import.meta.url);
  return /assertRuntime\("\w+", "([\d.]+)"\)/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
};
const isOlder = (version: string, minimum: string) =>
  version.localeCompare(minimum, "en", { numeric: true }) < 0;

describe.skipIf(folder === undefined || !existsSync(folder))("other versions", () => {
  const olds = (folder === undefined ? [] : readdirSync(folder))
    .map((file) => /^(node|bun|deno)-([\d.]+)$/.exec(file))
    .filter((match) => match !== null)
    .map(([file, of, version]) => ({
      file: join(folder ?? "", file),
      of: of as Name,
      version: version ?? "",
    }));

  // What is imported does not depend on who asks, so once is enough.
  describe.skipIf(node24 === undefined || process.execPath !== realpathSync(node24) || olds.length === 0)(
    "installed",
    () => {
      // JavaScript: not every version reads TypeScript.
      let place: string;
      beforeAll(() => {
        place = mkdtempSync(join(tmpdir(), "old-"));
        writeFileSync(join(place, "work.mjs"), "export const add = (a, b) => a + b;\n");
      });
      afterAll(() => rmSync(place, { recursive: true }));

      it.each(olds)("$of $version loads reapool, or is told which it takes", ({ file, of, version }) => {
        const minimum = supported(of);
        const said = importIn(of, file, "reapool");
        if (isOlder(version, minimum)) {
          expect(said).toContain(
            `Expected ${TITLES[of]} ${minimum} or later, this is ${TITLES[of]} ${version}`,
          );
        } else expect(said).toBe("loaded");
      });

      it.each(olds)(
        "$of $version as a worker works, or its start says which it takes",
        async ({ file, of, version }) => {
          const minimum = supported(of);
          const { launcher } = (await import(
            `@reapool/${of}/launcher`
          )) as typeof import("@reapool/node/launcher");
          const work = pathToFileURL(join(place, "work.mjs"));
          await using pool = createPool(work, {
            worker: { launcher: launcher({ executable: file }), stderr: "ignore" },
          });
          const call = pool.run("add", [1, 2]);
          if (!isOlder(version, minimum)) return expect(await call).toBe(3);
          const error = (await call.catch((error: unknown) => error)) as InstanceType<
            typeof WorkerStartError
          >;
          expect(error).toBeInstanceOf(WorkerStartError);
          expect(error.stderr).toContain(
            `Expected ${TITLES[of]} ${minimum} or later, this is ${TITLES[of]} ${version}: upgrade it`,
          );
        },
      );
    },
  );
});
