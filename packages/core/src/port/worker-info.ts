/** What the pool reveals about one worker: plain numbers and names, never the worker itself. */

export type WorkerState = "starting" | "idle" | "busy" | "stopping" | "gone";

/** A snapshot of a worker. */
export interface WorkerInfo {
  /** From 1 to `maxWorkers`; reused for another worker once this one is gone. */
  readonly id: number;
  /** Undefined before the process exists, and when it could not be started; in a PID namespace, until it has connected. */
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
