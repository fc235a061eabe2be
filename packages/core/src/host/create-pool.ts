/** The public face of a pool, typed by its worker module, and the function that makes one for a runtime. */
import type { CloseOptions, PoolOptions, RunOptions } from "../options.ts";
import type { Runtime } from "../port/runtime.ts";
import type { Listener, PoolEvents } from "./events.ts";
import { WorkerPool } from "./pool.ts";
import type { PoolStats, WorkerStats } from "./stats.ts";
import { createProxy } from "./task-proxy.ts";

// biome-ignore lint/suspicious/noExplicitAny: only `any` lets a function of every signature match
type AnyFunction = (...args: any[]) => unknown;

/** What a module may look like when no type is given: any task, any arguments. */
// biome-ignore lint/suspicious/noExplicitAny: the results of an untyped module are not known
export type AnyModule = Record<string, (...args: any[]) => any>;

/** The exported functions of a worker module, less its hooks. */
export type TaskName<M> = {
  [K in keyof M & string]: M[K] extends AnyFunction ? (K extends "setup" | "teardown" ? never : K) : never;
}[keyof M & string];

type TaskFunction<M, N extends TaskName<M>> = Extract<M[N], AnyFunction>;

/** The arguments of a task. */
export type TaskArgs<M, N extends TaskName<M>> = Parameters<TaskFunction<M, N>>;

/** What a call of a task resolves to. */
export type TaskResult<M, N extends TaskName<M>> = Awaited<ReturnType<TaskFunction<M, N>>>;

/** The arguments may be left out where the task needs none. */
type RunRest<Args extends unknown[]> = [] extends Args
  ? [args?: Readonly<Args>, options?: RunOptions]
  : [args: Readonly<Args>, options?: RunOptions];

/** Every task as a method. */
export type TaskProxy<M> = {
  readonly [N in TaskName<M>]: (...args: TaskArgs<M, N>) => Promise<TaskResult<M, N>>;
};

export interface Pool<M = AnyModule> extends AsyncDisposable {
  /**
   * Runs the exported function `name` in a worker. Never throws; rejects with
   * - what the function threw, its class reduced to the built-in one,
   * - `signal.reason` after an abort,
   * - a {@link PoolError} with the `code` that says why the pool could not run it,
   * - a TypeError or RangeError when the name, the arguments or an option is wrong.
   */
  run<N extends TaskName<M>>(name: N, ...rest: RunRest<TaskArgs<M, N>>): Promise<TaskResult<M, N>>;
  /** The same calls as methods: `pool.proxy.add(1, 2)`. A task named `then` or `toJSON` is reached by `run` alone. */
  readonly proxy: TaskProxy<M>;
  /** Resolves when `minWorkers` are up; rejects with a WorkerStartError or CrashLoopError when they can't be, with a PoolClosedError when the pool is closed. */
  ready(): Promise<void>;
  /** Listens to an event; returns how to stop. @throws TypeError for an unknown event, or a listener that is no function. */
  on<E extends keyof PoolEvents>(event: E, listener: Listener<E>): () => void;
  /** The counts of this moment, which add up, and each worker. Reads two files of /proc for each: not for a hot path. */
  stats(): PoolStats;
  /** The live workers, those that start or stop included; costs as much as `stats()`. */
  readonly workers: readonly WorkerStats[];
  /**
   * Takes no more calls, finishes the accepted ones and resolves when no process is left. Shortly before
   * `timeout` (30 000 ms) is over it stops waiting: what still runs rejects with PoolClosedError and is killed. A second
   * call returns the promise of the first. Rejects with a TypeError or RangeError for a wrong option.
   */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Rejects every pending call with PoolClosedError and stops the workers: SIGTERM, after `killTimeout`
   * SIGKILL. Resolves when no process is left.
   */
  terminate(): Promise<void>;
}

/**
 * Makes a pool of worker processes that run the exported functions of a module.
 *
 * @param module Its URL or absolute path; `new URL("./work.ts", import.meta.url)`.
 * @throws TypeError or RangeError when the module or an option is wrong, naming it, what was expected and
 * what came; UnsupportedError for `orphans: "adopt"` where that can't be done.
 */
export type CreatePool = <M extends object = AnyModule>(
  module: string | URL,
  options?: PoolOptions,
) => Pool<M>;

/** For adapters: `createPool` on their runtime. */
export function createPoolOn(runtime: Runtime): CreatePool {
  return <M extends object>(module: string | URL, options?: PoolOptions): Pool<M> => {
    const pool = new WorkerPool(runtime, module, options);
    const face: Pool = {
      run: (name, ...[args, runOptions]) => pool.run(name, args, runOptions),
      proxy: createProxy((name, args) => pool.run(name, args)) as TaskProxy<AnyModule>,
      ready: () => pool.ready(),
      on: (event, listener) => pool.on(event, listener),
      stats: () => pool.stats(),
      get workers() {
        return pool.workers;
      },
      close: (closeOptions) => pool.close(closeOptions),
      terminate: () => pool.terminate(),
      [Symbol.asyncDispose]: () => pool.close(),
    };
    return Object.freeze(face) as unknown as Pool<M>;
  };
}
