/** The machine and the installed versions, as far as they matter for the numbers: no path and no host name. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { ENTRIES } from "./contenders/names.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  /** The one-minute load average at the start. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    load: Math.round((loadavg()[0] ?? Number.NaN) * 10) / 10,
  };
}

/** The contenders' packages and their versions. */
export function readVersions(): Record<string, string> {
  const names = new Set(ENTRIES.map((entry) => entry.package).filter((name) => name !== "bench"));
  return Object.fromEntries(Array.from(names, (name) => [name, readVersion(name)]));
}

function readVersion(name: string): string {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
