/** What a pool tells about itself: numbers and names, never the things themselves. */
import type { Runtime } from "../port/runtime.ts";
import { type Files, readUsage } from "../reaping/process-table.ts";
import type { Phase } from "../slot/machine.ts";

export type WorkerState = "starting" | "idle" | "busy" | "stopping" | "gone";

function stateOf(phase: Phase, running: number): WorkerState {
  switch (phase) {
    case "starting":
      return "starting";
    case "warming":
    case "ready":
    case "retiring":
      return running > 0 ? "busy" : "idle";
    case "dead":
      return "gone";
    default:
      return "stopping";
  }
}

/** A worker as it was when asked. */
export interface WorkerInfo {
  /** From 1 to `maxWorkers`; free for another worker once this one is gone. */
  readonly id: number;
  /** Undefined before the process exists, or when it could not be started. */
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Since it was started, in ms. */
  readonly uptime: number;
  /** Tasks it runs now. */
  readonly running: number;
  /** Tasks it has finished, with a result or an error. */
  readonly finished: number;
}

/** A worker with what the operating system knows of it. Undefined where /proc can't be read (see `listDescendants`), or it is gone. */
export interface WorkerStats extends WorkerInfo {
  /** Resident memory of its process, in bytes. */
  readonly memory: number | undefined;
  /** Processor time of its process since its start, in ms. */
  readonly cpu: number | undefined;
}

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

export function infoOf(
  worker: Omit<WorkerInfo, "state" | "uptime" | "running"> & {
    readonly occupied: number;
    readonly startedAt: number;
  },
  phase: Phase,
  runtime: Pick<Runtime, "now">,
): WorkerInfo {
  const { id, pid, finished, occupied, startedAt } = worker;
  return {
    id,
    pid,
    state: stateOf(phase, occupied),
    uptime: Math.round(runtime.now() - startedAt),
    running: occupied,
    finished,
  };
}

export function withUsage(info: WorkerInfo, files: Files): WorkerStats {
  const usage = info.pid === undefined ? undefined : readUsage(files, info.pid);
  return { ...info, memory: usage?.memory, cpu: usage?.cpu };
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
