/** The public face of a pool, typed by its worker module, and the function that makes one for a runtime. */
import { installMemory } from "../memory/process-memory.ts";
import type { BroadcastOptions, CallOptions, MapOptions, RunOptions } from "../options/call-options.ts";
import type { CloseOptions, PoolOptions } from "../options/pool-options.ts";
import type { Runtime } from "../port/runtime.ts";
import type { WorkerStats } from "../slot/worker-info.ts";
import type { Listener, PoolEvents } from "./events.ts";
import { WorkerPool } from "./pool.ts";
import type { PoolStats } from "./stats.ts";
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

/** The tasks that give items: generators, and functions that return an iterable. */
export type StreamName<M> = {
  [N in TaskName<M>]: TaskResult<M, N> extends AsyncIterable<unknown> | Iterable<unknown> ? N : never;
}[TaskName<M>];

/** What a stream of a task gives. */
export type StreamItem<M, N extends TaskName<M>> =
  TaskResult<M, N> extends AsyncIterable<infer Item> | Iterable<infer Item> ? Item : never;

/** What `map` takes items from: each is the argument list of one call. */
export type MapSource<M, N extends TaskName<M>> =
  | Iterable<Readonly<TaskArgs<M, N>>>
  | AsyncIterable<Readonly<TaskArgs<M, N>>>;

/** The arguments may be left out where the task needs none. */
type Rest<Args extends unknown[], Options> = [] extends Args
  ? [args?: Readonly<Args>, options?: Options]
  : [args: Readonly<Args>, options?: Options];

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
  run<N extends TaskName<M>>(name: N, ...rest: Rest<TaskArgs<M, N>, RunOptions>): Promise<TaskResult<M, N>>;
  /**
   * The items of an exported generator (or of what a function returns that is iterable), one by one: the generator runs
   * at most sixteen items ahead of whoever takes them, and stops there. Leaving the loop ends it in the worker, its
   * `finally` included. Nothing happens before the first `next()`. `timeout` counts while the generator works, not while
   * it waits for its consumer. Throws and rejects as `run` does, in the iteration.
   */
  stream<N extends StreamName<M>>(
    name: N,
    ...rest: Rest<TaskArgs<M, N>, CallOptions>
  ): AsyncIterableIterator<StreamItem<M, N>, unknown, undefined>;
  /**
   * Calls `name` for each item of an iterable, the item being the argument list, and gives the results as an async
   * iterator. Takes only as many items as are under way. The first error ends it, gives up what is under way and is
   * thrown; see `stopOnError`.
   *
   * @throws TypeError or RangeError when the source or an option is wrong.
   */
  map<N extends TaskName<M>>(
    name: N,
    source: MapSource<M, N>,
    options?: MapOptions,
  ): AsyncIterableIterator<TaskResult<M, N>, undefined, undefined>;
  /**
   * Runs `name` in every live worker, each as soon as it has a free seat, and resolves to their results. A worker that is
   * gone before it began is left out. Rejects with the first error, once all are over. With `later: true` each worker
   * that starts from now on runs it too, before its first task; one in which it fails has failed to start.
   */
  broadcast<N extends TaskName<M>>(
    name: N,
    ...rest: Rest<TaskArgs<M, N>, BroadcastOptions>
  ): Promise<TaskResult<M, N>[]>;
  /** The same calls as methods: `pool.proxy.add(1, 2)`. A task named `then` or `toJSON` is reached by `run` alone. */
  readonly proxy: TaskProxy<M>;
  /** Resolves when `minWorkers` are up; rejects with a WorkerStartError or CrashLoopError when they can't be, with a PoolClosedError when the pool is closed. */
  ready(): Promise<void>;
  /** Listens to an event; returns how to stop. @throws TypeError for an unknown event, or a listener that is no function. */
  on<E extends keyof PoolEvents>(event: E, listener: Listener<E>): () => void;
  /** The counts of this moment, which add up, and each worker. Reads two files of /proc for each: not for a hot path. */
  stats(): PoolStats;
  /** As many calls wait as `maxQueue` allows: better wait for the event `drain`. */
  readonly needsDrain: boolean;
  /**
   * Changes `maxWorkers` from now on, and lowers `minWorkers` and `spares` with it where they are more. Workers above it
   * leave when they have finished what they run. Resolves when there are no more than that; rejects with a TypeError or
   * RangeError for a wrong number, with PoolClosedError when the pool is closed.
   */
  resize(maxWorkers: number): Promise<void>;
  /**
   * Replaces every worker, one after another, without losing or rejecting a call: a new version of the module goes live.
   * Where `maxWorkers` leaves room a replacement is started first. Resolves when the old workers are gone. Rejects with
   * the WorkerStartError when a replacement can't be started: the old workers that are left then go on. Rejects with
   * PoolClosedError when the pool is closed.
   */
  restart(): Promise<void>;
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
  installMemory((library) => runtime.openMemory(library));
  return <M extends object>(module: string | URL, options?: PoolOptions): Pool<M> => {
    const pool = new WorkerPool(runtime, module, options);
    const face: Pool = {
      run: (name, ...[args, runOptions]) => pool.run(name, args, runOptions),
      stream: (name, ...[args, callOptions]) => pool.stream(name, args, callOptions),
      map: (name, source, mapOptions) => pool.map(name, source, mapOptions) as AsyncIterableIterator<never>,
      broadcast: (name, ...[args, broadcastOptions]) => pool.broadcast(name, args, broadcastOptions),
      proxy: createProxy((name, args) => pool.run(name, args)) as TaskProxy<AnyModule>,
      ready: () => pool.ready(),
      on: (event, listener) => pool.on(event, listener),
      stats: () => pool.stats(),
      get workers() {
        return pool.workers;
      },
      get needsDrain() {
        return pool.needsDrain;
      },
      resize: (maxWorkers) => pool.resize(maxWorkers),
      restart: () => pool.restart(),
      close: (closeOptions) => pool.close(closeOptions),
      terminate: () => pool.terminate(),
      [Symbol.asyncDispose]: () => pool.close(),
    };
    return Object.freeze(face) as unknown as Pool<M>;
  };
}
