/** What is told of a pool: counts, and its workers. */
import type { WorkerState, WorkerStats } from "../slot/worker-info.ts";

/**
 * The counts of a pool. They add up at any moment: `live` = `starting` + `idle` + `busy` + `stopping`,
 * `pending` = `queued` + `running`, `submitted` = `completed` + `failed` + `pending`.
 */
export interface PoolStats {
  /** Worker processes, at most `maxWorkers`. */
  readonly live: number;
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  /** Asked or forced to go and not gone yet. */
  readonly stopping: number;
  /** Calls not settled yet. */
  readonly pending: number;
  /** Calls that wait for a worker, or for the back-off before a retry. */
  readonly queued: number;
  /** Calls that a worker runs. */
  readonly running: number;
  /** Calls accepted since the pool was made. */
  readonly submitted: number;
  /** Calls that resolved. */
  readonly completed: number;
  /** Calls that rejected after they were accepted. */
  readonly failed: number;
  /** Workers started in place of one that nobody had asked to go. */
  readonly restarts: number;
  /** Since the pool was made, in ms. */
  readonly uptime: number;
  /** Of its workers together, in bytes; undefined where it is not known of one of them. */
  readonly memory: number | undefined;
  /** Of its live workers together, in ms; undefined likewise. */
  readonly cpu: number | undefined;
  /** Each worker that is counted in `live`. */
  readonly workers: readonly WorkerStats[];
}

export function poolStats(
  workers: readonly WorkerStats[],
  calls: Omit<PoolStats, "live" | "starting" | "idle" | "busy" | "stopping" | "memory" | "cpu" | "workers">,
): PoolStats {
  const inState = (wanted: WorkerState) => workers.filter(({ state }) => state === wanted).length;
  return {
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

/** Undefined as soon as one of them is not known: half a sum is no number. */
function sumOf(values: readonly (number | undefined)[]): number | undefined {
  let sum = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    sum += value;
  }
  return sum;
}
