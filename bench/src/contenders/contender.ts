/** What every contender is to a workload. Owns the shape alone: how each pool is set up is in the file of its name. */

export const TASK_NAMES = [
  "noop",
  "echo",
  "spin",
  "spinLong",
  "pid",
  "identify",
  "touch",
  "readAll",
  "wait",
] as const;
export type TaskName = (typeof TASK_NAMES)[number];

export interface OpenOptions {
  readonly workers: number;
  /**
   * What the calls carry. Node's own channel between processes has two encodings: `"json"` is the faster one for small
   * values, and loses bytes; `"bytes"` asks for the one that keeps them.
   */
  readonly values: "json" | "bytes";
  /** Warm workers in reserve, on top of `workers`; only where the contender knows such. */
  readonly spares?: number;
  /** Nothing but short tasks come: whoever can hand several of them to a worker at once gains by it. */
  readonly areShort?: boolean;
  /** Resolve without a worker being up: the first call shall find the pool cold. */
  readonly cold?: boolean;
}

export interface OpenPool {
  run(task: TaskName, argument?: unknown): Promise<unknown>;
  /** `run` without a promise, where there is none to begin with. */
  call?(task: TaskName, argument: unknown, done: () => void): void;
  close(): Promise<void>;
  /** Calls back when the end of a worker is seen; where the pool tells it. */
  onExit?(callback: () => void): void;
  /** The workers that run a task now; where the pool tells it. */
  busyPids?(): number[];
  /** All workers are up, those in reserve included; where the pool tells it. */
  ready?(): Promise<void>;
  /**
   * Memory that goes to a worker and comes back without a copy; where the pool has such. `send` resolves with what the
   * worker gave back. Throws where it can't be had.
   */
  handOver?(bytes: number): HandedOver;
}

export interface HandedOver {
  send(task: "touch" | "readAll"): Promise<void>;
}

export interface Contender {
  /** Keeps `spares` workers in reserve. */
  readonly knowsSpares?: boolean;
  /** Carries bytes alone, no strings and objects, and runs nothing but an echo. */
  readonly isFloor?: boolean;
  open(options: OpenOptions): Promise<OpenPool>;
}

export const WORK = new URL("../work/tasks.js", import.meta.url);

/** Until each worker has answered once: twice as many calls as workers at once, three times. */
export async function warmUp(pool: OpenPool, workers: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await Promise.all(Array.from({ length: workers * 2 }, () => pool.run("wait", 1)));
  }
}
