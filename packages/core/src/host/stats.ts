/** What a pool tells about itself: numbers and names, never the things themselves. */

export type WorkerState = "starting" | "idle" | "busy" | "stopping" | "gone";

/** A worker as it was when asked. */
export interface WorkerInfo {
  /** From 1 to `maxWorkers`; free for another worker once this one is gone. */
  readonly id: number;
  /** Undefined before the process exists, or when it could not be started. */
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Tasks it runs now. */
  readonly running: number;
  /** Tasks it has finished, with a result or an error. */
  readonly finished: number;
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
  /** Calls that wait for a worker. */
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
}
