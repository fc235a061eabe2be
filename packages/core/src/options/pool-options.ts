/**
 * The options of a pool: their meaning, defaults and limits, in one place. Reads the caller's object without changing
 * it, and rejects unknown options, because a silently ignored option is a bug found in production.
 */

import type { Runtime } from "../port/runtime.ts";
import { type Backoff, type BackoffInput, resolveBackoff } from "./backoff-options.ts";
import { OptionReader } from "./option-reader.ts";
import {
  assertMemoryIsKnown,
  type ResolvedWorkerOptions,
  resolveWorker,
  type WorkerOptions,
  type WorkerSeat,
} from "./worker-options.ts";

/**
 * `"auto"`: orphans are reaped where this process is PID 1. `"adopt"`: also adopted where it is not. `"ignore"`:
 * neither.
 */
export type OrphanMode = "auto" | "adopt" | "ignore";

/** Tasks sent ahead to each busy worker: a number, or as many as are short. */
export type Prefetch = number | "auto";

export interface RestartOptions {
  /** With more counted deaths than this within `period`, or in a row, the pool is broken. */
  readonly intensity: number;
  /** In ms. */
  readonly period: number;
  readonly backoff: Backoff;
}

export interface RecycleLimits {
  /** Tasks it has finished. */
  readonly tasks: number;
  /** It is given no more than that, and leaves before its replacement starts. */
  readonly isExact: boolean;
  /** In ms. */
  readonly age: number;
  /** In bytes. */
  readonly rss: number;
}

export interface RecycleOptions extends RecycleLimits {
  /** The random share of each limit, 0 to 1. */
  readonly jitter: number;
}

export interface PoolOptions {
  /** Workers kept alive when there is nothing to do. Default 0. */
  minWorkers?: number | undefined;
  /**
   * The most live processes at any time, including those that are starting or stopping. Default: the CPUs this
   * process may use, or `minWorkers` if that is more.
   */
  maxWorkers?: number | undefined;
  /** Tasks that may overlap in one worker. Default 1. */
  concurrentTasksPerWorker?: number | undefined;
  /** An idle worker above the minimum retires after this, in ms; Infinity keeps it. Default 30 000. */
  idleTimeout?: number | undefined;
  /**
   * Workers in reserve, within `maxWorkers`: they take no task until another worker is gone, and then replace it at
   * once. Default 0.
   */
  spares?: number | undefined;
  /**
   * Tasks sent ahead to a busy worker, so that it need not wait for the next one. `"auto"` sends only tasks that are
   * known to be short from the run times of their name, about a millisecond of work; a call with `queueTimeout` is
   * never sent ahead. If the worker dies, another one runs the tasks that it was sent but had not started. Default
   * `"auto"`.
   */
  prefetch?: Prefetch | undefined;
  /**
   * Calls that may wait for a worker; one more rejects with QueueFullError. `"auto"` is the square of the number of
   * tasks that run at once. `needsDrain` and its event report a full queue; without a bound, they use the value of
   * `"auto"`. Default Infinity.
   */
  maxQueue?: number | "auto" | undefined;
  /** How long a call may wait, in ms, before it rejects with QueueTimeoutError. Default: for ever. */
  queueTimeout?: number | undefined;
  /** How long a task may run, in ms, before it rejects with TaskTimeoutError. Default: for ever. */
  timeout?: number | undefined;
  /** How long a worker may take to become ready, in ms. Default 30 000. */
  startTimeout?: number | undefined;
  /**
   * How long a worker that runs tasks may send nothing, in ms, not even the answer to a ping, before it is killed.
   * Its event loop must turn more often than this: a task that computes without a pause answers nothing. Default: for
   * ever.
   */
  hangTimeout?: number | undefined;
  /**
   * How long a worker that is told to stop has for it, in ms. Told are: a task, through its signal, when it is aborted or over
   * its time; an idle worker, which runs `teardown`; by SIGTERM, a busy worker that `terminate()` stops. After that it gets
   * SIGTERM, a task's worker only where its module listens to it, and SIGKILL after another second, or after `killTimeout`
   * if that is less. Default 5 000.
   */
  killTimeout?: number | undefined;
  /** How often dead workers are replaced; see `RestartInput`. */
  restart?: RestartInput | undefined;
  /** When a healthy worker is replaced; see `RecycleInput`. Default: never. */
  recycle?: RecycleInput | undefined;
  /**
   * Graceful shutdown: on SIGTERM, SIGINT or SIGHUP the pool closes, and then the host ends by that signal; a second
   * signal terminates the pool. For a program that has no handlers of its own for them. Default false.
   */
  closeOnSignals?: boolean | undefined;
  /**
   * What happens to processes whose parent has died. `"auto"` makes this process reap those it adopts where it is PID
   * 1, as in a container without an init; `"adopt"` also makes it a subreaper (PR_SET_CHILD_SUBREAPER), so that it
   * adopts everything its descendants leave behind; `"ignore"` does neither. Linux. Default `"auto"`.
   */
  orphans?: OrphanMode | undefined;
  /** How workers are started; a function is called before each start, so that workers may differ. */
  worker?: WorkerOptions | ((seat: WorkerSeat) => WorkerOptions) | undefined;
}

/**
 * A worker past any of these limits is replaced between tasks; where `maxWorkers` leaves room, its replacement starts
 * first.
 */
export interface RecycleInput {
  /** Tasks it has finished. It keeps working while its replacement starts, for up to twice as many. */
  tasks?: number | undefined;
  /**
   * A worker is given exactly `tasks` tasks, without jitter, and leaves; the next task waits for another worker. With `tasks: 1`
   * each task has a process of its own. Default false.
   */
  exact?: boolean | undefined;
  /** Time since its start, in ms. */
  age?: number | undefined;
  /** Resident memory of its process, in bytes; checked once a second while it runs tasks. Needs a readable /proc. */
  rss?: number | undefined;
  /** The random share of each limit, 0 to 1, so that workers are not replaced in step. Default 0.1. */
  jitter?: number | undefined;
}

export interface RestartInput {
  /** How many workers may die within `period` without having completed a task. Default 5. */
  intensity?: number | undefined;
  /** In ms. Default 10 000. */
  period?: number | undefined;
  backoff?: BackoffInput | undefined;
}

type Resolved<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** Every option with its value. Frozen. */
export type ResolvedOptions = Resolved<Omit<PoolOptions, "restart" | "recycle" | "maxQueue" | "worker">> & {
  readonly restart: RestartOptions;
  readonly recycle: RecycleOptions;
  readonly maxQueue: number;
  /** The number of waiting calls at which the queue counts as full. */
  readonly fullQueue: number;
  /** @throws TypeError or RangeError when the application's function returns wrong options. */
  readonly workerFor: (seat: WorkerSeat) => ResolvedWorkerOptions;
  /** `worker`, where it is no function: the same for every start. */
  readonly sameWorker: ResolvedWorkerOptions | undefined;
};

/** @throws TypeError or RangeError that names the option, what was expected and what was received. */
export function resolveOptions(input: PoolOptions | undefined, runtime: Runtime): ResolvedOptions {
  const pool = new OptionReader("", input, [
    "minWorkers",
    "maxWorkers",
    "concurrentTasksPerWorker",
    "idleTimeout",
    "spares",
    "prefetch",
    "maxQueue",
    "queueTimeout",
    "timeout",
    "startTimeout",
    "hangTimeout",
    "killTimeout",
    "restart",
    "recycle",
    "closeOnSignals",
    "orphans",
    "worker",
  ]);
  const minWorkers = pool.integer("minWorkers", 0, 0);
  const spares = pool.integer("spares", 0, 0);
  // `minWorkers` given alone may exceed the number of CPUs.
  const fallback = Math.max(1, minWorkers, runtime.availableParallelism()) + spares;
  const maxWorkers = pool.integer("maxWorkers", 1, fallback);
  if (minWorkers > maxWorkers) {
    throw new RangeError(
      `Expected \`minWorkers\` to be at most \`maxWorkers\`, received minWorkers ${minWorkers} and maxWorkers ${maxWorkers}`,
    );
  }
  if (spares >= maxWorkers) {
    throw new RangeError(
      `Expected \`spares\` to be less than \`maxWorkers\`, received spares ${spares} and maxWorkers ${maxWorkers}`,
    );
  }
  const concurrentTasksPerWorker = pool.integer("concurrentTasksPerWorker", 1, 1);
  const auto = (maxWorkers * concurrentTasksPerWorker) ** 2;
  const maxQueue =
    pool.get("maxQueue") === "auto" ? auto : pool.count("maxQueue", Number.POSITIVE_INFINITY, '"auto"');
  return Object.freeze({
    minWorkers,
    maxWorkers,
    concurrentTasksPerWorker,
    idleTimeout: pool.duration("idleTimeout", 30_000),
    spares,
    prefetch: (pool.get("prefetch") ?? "auto") === "auto" ? "auto" : pool.count("prefetch", 0, '"auto"'),
    maxQueue,
    fullQueue: Math.max(1, Number.isFinite(maxQueue) ? maxQueue : auto),
    queueTimeout: pool.duration("queueTimeout", Number.POSITIVE_INFINITY),
    timeout: pool.duration("timeout", Number.POSITIVE_INFINITY),
    startTimeout: pool.duration("startTimeout", 30_000),
    hangTimeout: pool.duration("hangTimeout", Number.POSITIVE_INFINITY),
    killTimeout: pool.duration("killTimeout", 5_000),
    restart: resolveRestart(pool.get("restart")),
    recycle: resolveRecycle(pool.get("recycle"), runtime),
    closeOnSignals: pool.boolean("closeOnSignals", false),
    orphans: pool.oneOf("orphans", ["auto", "adopt", "ignore"]),
    ...workers(pool.get("worker"), runtime),
  });
}

/** Options given as an object are read once, and any mistake in them throws now. */
function workers(input: unknown, runtime: Runtime): Pick<ResolvedOptions, "workerFor" | "sameWorker"> {
  if (typeof input === "function") {
    const workerFor = (slot: WorkerSeat) => resolveWorker(input(Object.freeze({ ...slot })), runtime);
    return { workerFor, sameWorker: undefined };
  }
  const worker = resolveWorker(input, runtime);
  return { workerFor: () => worker, sameWorker: worker };
}

function resolveRecycle(input: unknown, runtime: Runtime): RecycleOptions {
  const recycle = new OptionReader("recycle.", input, ["tasks", "exact", "age", "rss", "jitter"]);
  const rss = recycle.count("rss", Number.POSITIVE_INFINITY);
  if (Number.isFinite(rss)) assertMemoryIsKnown("recycle.rss", runtime);
  return Object.freeze({
    tasks: recycle.count("tasks", Number.POSITIVE_INFINITY),
    isExact: recycle.boolean("exact", false),
    age: recycle.duration("age", Number.POSITIVE_INFINITY),
    rss,
    jitter: recycle.number("jitter", 0, 1, 0.1),
  });
}

function resolveRestart(input: unknown): RestartOptions {
  const restart = new OptionReader("restart.", input, ["intensity", "period", "backoff"]);
  return Object.freeze({
    intensity: restart.count("intensity", 5),
    period: restart.duration("period", 10_000),
    backoff: resolveBackoff("restart.backoff", restart.get("backoff")),
  });
}

/** The options of `close`. */
export interface CloseOptions {
  /**
   * In ms. Half a second before the deadline (a tenth of the time, if less), calls that still run reject, and their
   * workers get SIGTERM, then SIGKILL. Default 30 000.
   */
  timeout?: number | undefined;
  /**
   * What becomes of calls that no worker has begun: `"finish"` runs them, `"reject"` rejects them at once with PoolClosedError
   * and finishes only what runs. Default `"finish"`.
   */
  waiting?: "finish" | "reject" | undefined;
}

const CLOSE_TIMEOUT_MS = 30_000;

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveClose(input: CloseOptions | undefined): Resolved<CloseOptions> {
  const close = new OptionReader("", input, ["timeout", "waiting"]);
  return {
    timeout: close.duration("timeout", CLOSE_TIMEOUT_MS),
    waiting: close.oneOf("waiting", ["finish", "reject"]),
  };
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveNewSize(maxWorkers: number): number {
  return new OptionReader("", { maxWorkers }, ["maxWorkers"]).integer("maxWorkers", 1, 1);
}
