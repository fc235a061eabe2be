/** What the pool reveals about one worker: plain numbers and names, never the worker itself. */
import type { Runtime } from "../port/runtime.ts";
import { type Files, readUsage } from "../reaping/process-table.ts";
import type { Phase } from "./machine.ts";

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

/** A snapshot of a worker. */
export interface WorkerInfo {
  /** From 1 to `maxWorkers`; reused for another worker once this one is gone. */
  readonly id: number;
  /** Undefined before the process exists, and when it could not be started. */
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Time since it was started, in ms. */
  readonly uptime: number;
  /** Tasks it is running now. */
  readonly running: number;
  /** Tasks it has finished, with a result or an error. */
  readonly finished: number;
}

/** A worker with figures from the operating system. Undefined where /proc can't be read (see `listDescendants`), or when it is gone. */
export interface WorkerStats extends WorkerInfo {
  /** Resident memory of its process, in bytes. */
  readonly memory: number | undefined;
  /** CPU time of its process since its start, in ms. */
  readonly cpu: number | undefined;
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
