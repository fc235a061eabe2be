/** One whole run: reports what is installed, runs every contender through every workload, and returns the results. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRuntime, type Runtime } from "@reapool/measuring/runtimes";
import { describeMachine, readVersions } from "./machine.ts";
import type { Results } from "./results.ts";
import { type Measured, runAll } from "./run.ts";
import type { Settings } from "./settings.ts";
import { readUnfinished, removeUnfinished, writeUnfinished } from "./unfinished.ts";

const BUILT = new URL("../../packages/core/dist/index.js", import.meta.url);

/** @param folder Where a run that is cut short is kept, to be resumed. */
export async function measure(settings: Settings, folder: string): Promise<Results> {
  if (!settings.source && !existsSync(BUILT)) {
    console.error("Expected the packages to be built: `npm run bench` does it, or say --source");
    process.exit(1);
  }
  const runtimes = findRuntimes(settings);
  const machine = describeMachine();
  const versions = readVersions();
  const { cpu, cores, memoryGiB, kernel, load } = machine;
  console.error(`${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, load ${load}`);
  console.error(runtimes.map(({ label }) => label).join(", "));
  console.error(
    Object.entries(versions)
      .map((entry) => entry.join(" "))
      .join(", "),
  );
  if (settings.quick)
    console.error(
      "Quick: fewer workloads, sizes and runtimes. It shows whether a change matters; do not publish it.",
    );
  if (settings.source) console.error("From source: start times are not comparable.");

  const about = {
    when: new Date().toISOString(),
    settings: { ...settings, out: undefined, resume: false }, // a folder of this machine
    machine,
    runtimes: runtimes.map(({ name, label }) => ({ name, label })),
    versions,
  };
  const before = settings.resume ? readUnfinished(folder, about) : undefined;
  const save = (measured: Measured) => writeUnfinished(folder, { ...about, ...measured });
  const measured = await runAll(settings, runtimes, makeTemporary(), before, save);
  removeUnfinished(folder);
  return { ...(before ?? about), ...measured };
}

/** Those that are installed. */
export function findRuntimes({ runtimes }: Settings): Runtime[] {
  return runtimes.flatMap((name) => {
    const runtime = findRuntime(name);
    if (runtime === undefined) console.error(`${name} is not installed, so nothing is measured in it`);
    return runtime === undefined ? [] : [runtime];
  });
}

/** Removed when this process exits. */
export function makeTemporary(): string {
  const temporary = mkdtempSync(join(tmpdir(), "bench-"));
  process.on("exit", () => rmSync(temporary, { recursive: true, force: true }));
  return temporary;
}
