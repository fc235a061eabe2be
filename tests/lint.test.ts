/** What the linter must find in the packages' sources: time that a test can fake. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The lines at which it finds an error, were they in this file: of a project with the same rules, and nothing else. */
function faultyLines(file: string, lines: readonly string[]): string[] {
  const project = mkdtempSync(join(tmpdir(), "lint-"));
  try {
    cpSync(join(root, "biome.json"), join(project, "biome.json"));
    cpSync(join(root, "scripts/lint"), join(project, "scripts/lint"), { recursive: true });
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), lines.join("\n"));
    const args = ["lint", "--vcs-enabled=false", "--reporter=github", file];
    const { stdout } = spawnSync(`${root}/node_modules/.bin/biome`, args, { cwd: project, encoding: "utf8" });
    const faulty = [...stdout.matchAll(/^::error .*?line=(\d+)/gm)].map(([, line]) => Number(line));
    return lines.filter((_, i) => faulty.includes(i + 1));
  } finally {
    rmSync(project, { recursive: true });
  }
}

const FAKED = [
  "queueMicrotask(work);",
  "setTimeout(work, 5);",
  "clearInterval(timer);",
  "setImmediate(work);",
  "now = performance.now();",
  "now = Date.now();",
  "now = new Date();",
  "process.nextTick(work);",
  "now = process.hrtime();",
  "signal = AbortSignal.timeout(5);",
  "void scheduler.wait(5);",
  "globalThis.setTimeout(work, 5);",
];
const REAL = ["value = new Date(5);", "timer = runtime.startTimer(5, work);"];

// It is the same program wherever this runs.
describe.runIf(name === "node")("the linter", () => {
  it.each(["packages/core/src/host/limit.ts", "packages/deno/src/runtime.ts"])(
    "finds every clock and scheduler that a test may fake, in %s",
    (file) => {
      expect(faultyLines(file, [...FAKED, ...REAL])).toEqual(FAKED);
    },
  );

  it("leaves them to a test", () => {
    expect(faultyLines("packages/core/src/testing/cases/time.ts", [...FAKED, ...REAL])).toEqual([]);
  });
});
