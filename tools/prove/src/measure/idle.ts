/** How often an idle pool wakes up, compared with a program of the same runtime that only waits for a timer. */
import { pause } from "@reapool/measuring/numbers";
import type { Runtime } from "@reapool/measuring/runtimes";
import { Host } from "../host.ts";
import { findGuard, readSleeps } from "../processes.ts";

/** Wake-ups in the time measured. */
export interface IdleResult {
  readonly bare: number;
  readonly host: number;
  /** Each of the two. */
  readonly workers: readonly number[];
  readonly guard: number;
}

/** Time for compilers and collectors to finish their work from the start. */
const SETTLE_MS = 4_000;

export async function measureIdle(runtime: Runtime, ms: number): Promise<IdleResult> {
  const [bare, host] = [new Host(runtime, "bare"), new Host(runtime, "idle")];
  try {
    const { workers } = await host.message("ready");
    await pause(SETTLE_MS);
    const guard = findGuard(host.pid);
    if (guard === undefined) throw new Error("Expected the host to have a guard, found none");
    const pids = [bare.pid, host.pid, guard.pid, ...workers];
    const before = pids.map(readSleeps);
    await pause(ms);
    const [ofBare = 0, ofHost = 0, ofGuard = 0, ...ofWorkers] = pids.map((pid, index) =>
      countSince(before[index] as Map<string, number>, readSleeps(pid)),
    );
    return { bare: ofBare, host: ofHost, workers: ofWorkers, guard: ofGuard };
  } finally {
    await Promise.all([bare.dispose(), host.dispose()]);
  }
}

/** A thread that has started in the meantime counts from its start. */
function countSince(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [thread, count] of after) sum += count - (before.get(thread) ?? 0);
  return sum;
}
