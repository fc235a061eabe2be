/** What every contender offers to a workload. Owns only the interface: the file of its name sets up each pool. */

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
  "add",
  "addPair",
] as const;
export type TaskName = (typeof TASK_NAMES)[number];

export interface OpenOptions {
  readonly workers: number;
  /**
   * The values of the calls. Node's own channel between processes has two encodings: `"json"` is the faster one for
   * small values, and loses bytes; `"bytes"` asks for the one that keeps them.
   */
  readonly values: "json" | "bytes";
  /** Warm workers in reserve, on top of `workers`; only for contenders that support them. */
  readonly spares?: number;
  /** Only short tasks come: contenders that can hand several of them to a worker at once benefit. */
  readonly areShort?: boolean;
  /** Resolve without a worker being up: the first call must find the pool cold. */
  readonly cold?: boolean;
}

export interface OpenPool {
  run(task: TaskName, argument?: unknown): Promise<unknown>;
  /** A call with two numbers, as the contender takes arguments. The floor sends as many bytes, and adds nothing. */
  add(a: number, b: number): Promise<unknown>;
  /** `run` without a promise, where the contender creates none. */
  call?(task: TaskName, argument: unknown, done: () => void): void;
  close(): Promise<void>;
  /** Calls back when the contender reports the end of a worker; only where it does. */
  onExit?(callback: () => void): void;
  /** The number of workers that run a task now; only where the contender reports it. */
  busyPids?(): number[];
  /** Resolves when all workers are up, including those in reserve; only where the contender reports it. */
  ready?(): Promise<void>;
  /**
   * Memory that goes to a worker and comes back without a copy; only where the contender has such memory. `send`
   * resolves with the worker's answer. Throws where it is unavailable.
   */
  handOver?(bytes: number): HandedOver;
}

export interface HandedOver {
  send(task: "touch" | "readAll"): Promise<void>;
}

export interface Contender {
  /** Keeps `spares` workers in reserve. */
  readonly knowsSpares?: boolean;
  /** Runs nothing but an echo, and a loop by the clock. */
  readonly isFloor?: boolean;
  open(options: OpenOptions): Promise<OpenPool>;
}

export const WORK = new URL("../work/tasks.js", import.meta.url);

/** Waits until each worker has answered once: twice as many calls as workers at once, three times. */
export async function warmUp(pool: OpenPool, workers: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await Promise.all(Array.from({ length: workers * 2 }, () => pool.run("wait", 1)));
  }
}
