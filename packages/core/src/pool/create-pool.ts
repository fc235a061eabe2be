/** The public face of a pool, typed by its worker module, and the function that makes one for a runtime. */
import { named, namedCall, namedItems } from "../call-site.ts";
import { collectRemains } from "../host/thread-remains.ts";
import { installMemory } from "../memory/process-memory.ts";
import type {
  BroadcastOptions,
  CallOptions,
  MapOptions,
  RunOptions,
  SettledItem,
} from "../options/call-options.ts";
import type { CloseOptions, PoolOptions } from "../options/pool-options.ts";
import type { Runtime } from "../port/runtime.ts";
import type { WorkerStats } from "../port/worker-info.ts";
import { installClock } from "../wire/wire-clock.ts";
import type { Listener, OutputChunk, PoolEvents } from "./events.ts";
import { asIterated } from "./iterated.ts";
import { WorkerPool } from "./pool.ts";
import { replaceEarlier } from "./reloads.ts";
import type { PoolStats } from "./stats.ts";
import { createProxy } from "./task-proxy.ts";

// biome-ignore lint/suspicious/noExplicitAny: only `any` lets a function of every signature match
type AnyFunction = (...args: any[]) => unknown;

/** The type of a module when none is given: any task, any arguments. */
// biome-ignore lint/suspicious/noExplicitAny: the results of an untyped module are not known
export type AnyModule = Record<string, (...args: any[]) => any>;

/** The exported functions of a worker module, without its hooks. */
export type TaskName<M> = {
  [K in keyof M & string]: M[K] extends AnyFunction ? (K extends "setup" | "teardown" ? never : K) : never;
}[keyof M & string];

type TaskFunction<M, N extends TaskName<M>> = Extract<M[N], AnyFunction>;

/** The arguments of a task. */
export type TaskArgs<M, N extends TaskName<M>> = Parameters<TaskFunction<M, N>>;

/** What a call of a task resolves to. */
export type TaskResult<M, N extends TaskName<M>> = Awaited<ReturnType<TaskFunction<M, N>>>;

/** The tasks that yield items: generators, and functions that return an iterable. */
export type StreamName<M> = {
  [N in TaskName<M>]: TaskResult<M, N> extends AsyncIterable<unknown> | Iterable<unknown> ? N : never;
}[TaskName<M>];

/** The items of a task's stream. */
export type StreamItem<M, N extends TaskName<M>> =
  TaskResult<M, N> extends AsyncIterable<infer Item> | Iterable<infer Item> ? Item : never;

/** The source of `map`: each item is the argument list of one call. */
export type MapSource<M, N extends TaskName<M>> =
  | Iterable<Readonly<TaskArgs<M, N>>>
  | AsyncIterable<Readonly<TaskArgs<M, N>>>;

/** The arguments may be omitted when the task needs none. */
type Rest<Args extends unknown[], Options> = [] extends Args
  ? [args?: Readonly<Args>, options?: Options]
  : [args: Readonly<Args>, options?: Options];

/** The results of a map: with `for await`, or all of them with `Array.fromAsync`. Awaiting it gives no results. */
export interface Iterated<T> extends AsyncIterableIterator<T, undefined, undefined> {
  /** Throws: results come one after another. Use `for await`. */
  [Symbol.iterator]: never;
}

/** Every task as a method. */
export type TaskProxy<M> = {
  readonly [N in TaskName<M>]: (...args: TaskArgs<M, N>) => Promise<TaskResult<M, N>>;
};

export interface Pool<M = AnyModule> extends AsyncDisposable {
  /**
   * Runs the exported function `name` in a worker. Never throws; rejects with
   * - what the function threw, with its class reduced to the built-in one,
   * - `signal.reason` after an abort,
   * - a {@link PoolError} whose `code` says why the pool could not run it,
   * - a TypeError or RangeError when the name, the arguments or an option is wrong.
   */
  run<N extends TaskName<M>>(name: N, ...rest: Rest<TaskArgs<M, N>, RunOptions>): Promise<TaskResult<M, N>>;
  /**
   * The items of an exported generator, or of an iterable that a function returns, one by one. The generator runs at
   * most sixteen items ahead of its consumer, then pauses. Leaving the loop ends the generator in the worker and runs its
   * `finally`. Nothing happens before the first `next()`. `timeout` counts while the generator works, not while it waits
   * for its consumer. Errors are the same as for `run`, thrown by the iteration.
   */
  stream<N extends StreamName<M>>(
    name: N,
    ...rest: Rest<TaskArgs<M, N>, CallOptions>
  ): AsyncIterableIterator<StreamItem<M, N>, unknown, undefined>;
  /**
   * Calls `name` for each item of an iterable, where the item is the argument list, and returns the results as an async
   * iterator. Takes items from the source only as calls become free. The first error aborts the calls under way, ends
   * the iteration and is thrown; see `stopOnError` and `settled`.
   *
   * A map is iterated, not awaited: `for await (const result of pool.map(…))`. For all results in one array:
   * `await Array.fromAsync(pool.map(…))`.
   *
   * @throws TypeError or RangeError when the source or an option is wrong.
   */
  map<N extends TaskName<M>>(
    name: N,
    source: MapSource<M, N>,
    options: MapOptions & { settled: true },
  ): Iterated<SettledItem<TaskResult<M, N>>>;
  map<N extends TaskName<M>>(
    name: N,
    source: MapSource<M, N>,
    options?: MapOptions,
  ): Iterated<TaskResult<M, N>>;
  /**
   * Runs `name` in every live worker, each as soon as it has free capacity, and resolves to their results. A worker that
   * dies before it begins is left out. Rejects with the first error, once all have ended. With `later: true`, each worker
   * that starts from now on runs it too, before its first task; if that fails, the worker has failed to start.
   */
  broadcast<N extends TaskName<M>>(
    name: N,
    ...rest: Rest<TaskArgs<M, N>, BroadcastOptions>
  ): Promise<TaskResult<M, N>[]>;
  /** The same calls as methods: `pool.proxy.add(1, 2)`. A task
   * named `then`, `toJSON`, `inspect` or as a method of every object, such as `toString`, can be called through `run` only. */
  readonly proxy: TaskProxy<M>;
  /**
   * Resolves when `minWorkers` workers are ready. Rejects with a WorkerStartError or CrashLoopError when they can't be
   * started, and with a PoolClosedError when the pool is closed.
   */
  ready(): Promise<void>;
  /**
   * Subscribes to an event; returns an unsubscribe function.
   *
   * @throws TypeError for an unknown event, or a listener that is not a function.
   */
  on<E extends keyof PoolEvents>(event: E, listener: Listener<E>): () => void;
  /** With `worker.stdout: "chunks"`, or that of stderr: `pool.on("stdout", ({ chunk }: OutputChunk) => …)`. */
  on(event: "stdout" | "stderr", listener: (event: OutputChunk) => void): () => void;
  /** The current counts, which add up, and each worker. Reads two files in /proc per worker: not for a hot path. */
  stats(): PoolStats;
  /** Whether as many calls wait as `maxQueue` allows: wait for the `drain` event before you make more. */
  readonly needsDrain: boolean;
  /**
   * Changes `maxWorkers`, and lowers `minWorkers` and `spares` where they exceed it. Surplus workers leave when they have
   * finished what they run. Resolves when there are no more workers than that. Rejects with a TypeError or RangeError for
   * an invalid number, and with PoolClosedError when the pool is closed.
   */
  resize(maxWorkers: number): Promise<void>;
  /**
   * Replaces every worker, one after another, without losing or rejecting a call: use it to deploy a new version of the
   * module. Where `maxWorkers` leaves room, the replacement is started first. Resolves when the old workers are gone.
   * Rejects with the WorkerStartError when a replacement can't be started; the remaining old workers then stay. Rejects
   * with PoolClosedError when the pool is closed.
   */
  restart(): Promise<void>;
  /** The live workers, including those that are starting or stopping. Costs as much as `stats()`. */
  readonly workers: readonly WorkerStats[];
  /**
   * Shuts down gracefully: takes no more calls, finishes the accepted ones and resolves when no process is left. Shortly
   * before `timeout` (30 000 ms) is over it stops waiting: calls still running reject with PoolClosedError and their
   * workers are killed. A second call returns the promise of the first. Rejects with a TypeError or RangeError for an
   * invalid option.
   */
  close(options?: CloseOptions): Promise<void>;
  /**
   * Rejects every pending call with PoolClosedError and stops the workers: one that runs nothing is asked to leave, and runs
   * `teardown`; any other gets SIGTERM. Who is not gone after `killTimeout` is made to go.
   * Resolves when no process is left.
   */
  terminate(): Promise<void>;
}

/**
 * Makes a pool of worker processes that run the exported functions of a module.
 *
 * @param module Its URL or absolute path; `new URL("./work.ts", import.meta.url)`.
 * @throws TypeError or RangeError when the module or an option is invalid; the message names it, what was expected and
 * what was received. SerializationError for a `worker.data` that can't be sent. UnsupportedError for `orphans: "adopt"` where orphans can't be adopted.
 */
export type CreatePool = <M extends object = AnyModule>(
  module: string | URL,
  options?: PoolOptions,
) => Pool<M>;

/** For adapters: makes `createPool` for their runtime. */
export function createPoolOn(runtime: Runtime): CreatePool {
  installMemory((library) => runtime.openMemory(library));
  installClock(() => runtime.now());
  collectRemains(runtime);
  return <M extends object>(module: string | URL, options?: PoolOptions): Pool<M> => {
    const pool = new WorkerPool(runtime, module, options);
    // Own, or not there: what is on every object is nobody's to read.
    const loadedFrom = Object.hasOwn(runtime, "loadedFrom") ? runtime.loadedFrom : undefined;
    if (loadedFrom !== undefined) replaceEarlier(loadedFrom, pool.module, pool);
    const face: Pool = {
      run: (name, ...[args, runOptions]) => namedCall(pool.run(name, args, runOptions)),
      stream: (name, ...[args, callOptions]) => namedItems(pool.stream(name, args, callOptions)),
      map: (name, source, mapOptions) =>
        asIterated(namedItems(pool.map(name, source, mapOptions))) as Iterated<never>,
      broadcast: (name, ...[args, broadcastOptions]) => named(pool.broadcast(name, args, broadcastOptions)),
      proxy: createProxy((name, args) => namedCall(pool.run(name, args))) as TaskProxy<AnyModule>,
      ready: () => named(pool.ready()),
      on: ((event: "stdout", listener: Listener<"stdout">) => pool.on(event, listener)) as Pool["on"],
      stats: () => pool.stats(),
      get workers() {
        return pool.workers;
      },
      get needsDrain() {
        return pool.needsDrain;
      },
      resize: (maxWorkers) => named(pool.resize(maxWorkers)),
      restart: () => named(pool.restart()),
      close: (closeOptions) => pool.close(closeOptions),
      terminate: () => pool.terminate(),
      [Symbol.asyncDispose]: () => pool.close(),
    };
    return Object.freeze(face) as unknown as Pool<M>;
  };
}
