/** Options resolved for a runtime of which only the defaults matter. */
import { type PoolOptions, type ResolvedOptions, resolveOptions } from "../../src/options/pool-options.ts";
import type { ResolvedWorkerOptions } from "../../src/options/worker-options.ts";
import type { Launcher } from "../../src/port/launcher.ts";
import type { Runtime } from "../../src/port/runtime.ts";
import type { Files } from "../../src/reaping/process-table.ts";
import { fakeProc } from "./fake-proc.ts";

export const launcher: Launcher = { name: "fake", command: () => ({ file: "fake", args: [] }) };

const PID = 1000;

/** A /proc in which the host sees itself. */
const PROC = fakeProc(() => [{ pid: PID, resident: 1 }]);

/** A /proc that nobody may read. */
export const NO_PROC: Files = { readFile: () => undefined, listFolder: () => undefined };

/** Callbacks are bound by a wrapper that is told of: so a test sees which were bound. */
export function runtimeWith(
  cpus: number,
  { files = PROC, onBind = () => {} }: { files?: Files; onBind?: (callback: unknown) => void } = {},
): Runtime {
  const bindContext = (callback: (...args: never[]) => unknown) => {
    onBind(callback);
    return (...args: never[]) => callback(...args);
  };
  return {
    name: "fake",
    capabilities: { processGroups: true, processTrees: true, reaper: false, sharedMemory: false },
    pid: PID,
    launcher,
    availableParallelism: () => cpus,
    bindContext,
    ...files,
  } as unknown as Runtime;
}

/** Any value as options, the wrong ones included. */
export function resolve(input: unknown, runtime = runtimeWith(4)): ResolvedOptions {
  return resolveOptions(input as PoolOptions, runtime);
}

/** The options of a worker, from those of its pool. */
export function resolveWorkerIn(input: unknown, id = 1): ResolvedWorkerOptions {
  return resolve(input).workerFor({ id });
}

/** The options of a pool by name. */
export const POOL_OPTIONS: readonly string[] = [
  ...Object.keys(resolve({})).filter((name) => !["fullQueue", "workerFor", "sameWorker"].includes(name)),
  "worker",
];

/** What a sentence about a wrong duration expects. */
export const DURATION = "milliseconds from 0 to 2147483647, or Infinity";

/** What a sentence about a wrong count expects. */
export const COUNT = "an integer of at least 0, or Infinity";
