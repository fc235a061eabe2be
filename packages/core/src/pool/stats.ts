/** What `stats()` returns: counts, and the pool's workers. */
import type { WorkerState, WorkerStats } from "../port/worker-info.ts";
import type { Limits } from "../supervision/plan.ts";

/**
 * The counts of a pool. They add up at any moment: `live` = `starting` + `idle` + `busy` + `stopping`,
 * `pending` = `queued` + `running`, `submitted` = `completed` + `failed` + `pending`.
 */
export interface PoolStats {
  /** Tasks that can run at once: `maxWorkers` less `spares`, times `concurrentTasksPerWorker`. */
  readonly capacity: number;
  /** The pool's option: how many of them in one worker. */
  readonly concurrentTasksPerWorker: number;
  /** Worker processes, at most `maxWorkers`. */
  readonly live: number;
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  /** Asked or forced to stop, and not gone yet. */
  readonly stopping: number;
  /** Calls not settled yet. */
  readonly pending: number;
  /** Calls waiting for a worker, or for the back-off before a retry. */
  readonly queued: number;
  /** Calls a worker is running. */
  readonly running: number;
  /** Calls accepted since the pool was made. */
  readonly submitted: number;
  /** Calls that resolved. */
  readonly completed: number;
  /** Calls that rejected after they were accepted. */
  readonly failed: number;
  /** Workers started to replace one that ended unexpectedly. */
  readonly restarts: number;
  /** Since the pool was made, in ms. */
  readonly uptime: number;
  /** Total of its live workers, in bytes; undefined if it is unknown for any of them. */
  readonly memory: number | undefined;
  /** Total of its live workers, in ms; undefined if it is unknown for any of them. */
  readonly cpu: number | undefined;
  /** Each worker counted in `live`. */
  readonly workers: readonly WorkerStats[];
}

export function poolStats(
  workers: readonly WorkerStats[],
  { activeSlots, concurrentTasksPerWorker }: Pick<Limits, "activeSlots" | "concurrentTasksPerWorker">,
  calls: Pick<
    PoolStats,
    "pending" | "queued" | "running" | "submitted" | "completed" | "failed" | "restarts" | "uptime"
  >,
): PoolStats {
  const inState = (wanted: WorkerState) => workers.filter(({ state }) => state === wanted).length;
  return {
    capacity: activeSlots * concurrentTasksPerWorker,
    concurrentTasksPerWorker,
    live: workers.length,
    starting: inState("starting"),
    idle: inState("idle"),
    busy: inState("busy"),
    stopping: inState("stopping"),
    ...calls,
    memory: sumOf(workers.map(({ memory }) => memory)),
    cpu: sumOf(workers.map(({ cpu }) => cpu)),
    workers,
  };
}

/** Undefined if any value is unknown: a partial sum would mislead. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
