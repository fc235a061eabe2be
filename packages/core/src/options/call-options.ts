/**
 * The options of one call: their types, defaults and checks. The pool's options, which give some of the defaults, are
 * in pool-options.ts.
 */

import { ours } from "../call-site.ts";
import type { OutputStream, Runtime } from "../port/runtime.ts";
import type { WorkerInfo } from "../port/worker-info.ts";
import { type Backoff, type BackoffInput, resolveBackoff } from "./backoff-options.ts";
import { OptionReader } from "./option-reader.ts";

/** The options of every kind of call. */
export interface CallOptions {
  /**
   * Aborting rejects the call with the signal's reason; in the worker `task().signal` aborts. A task that does not stop within
   * the pool's `killTimeout` then ends with its worker, as one that is over its `timeout` does.
   */
  signal?: AbortSignal | undefined;
  /** How long the task may run, in ms, not counting the time it waits. Default: the pool's `timeout`. */
  timeout?: number | undefined;
  /** How long the call may wait for a worker, in ms. Default: the pool's `queueTimeout`. */
  queueTimeout?: number | undefined;
  /** An integer; higher goes first. One step is worth a second of waiting, so that no call starves. Default 0. */
  priority?: number | undefined;
  /** Calls with the same key go to the same worker, in turn, for as long as that worker lives. */
  key?: string | undefined;
  /**
   * Called when a worker is to begin the task at once, for each attempt; once more if that worker dies before it begins, which is
   * no attempt.
   */
  onStart?: ((begun: BegunCall) => void) | undefined;
  /**
   * Receives what the worker writes while it runs the task, as it comes and before the call settles: of each attempt, and also
   * what processes that it has started write to its streams. `worker.stdout` and `worker.stderr` go on to have it as well. Needs
   * a pool whose `concurrentTasksPerWorker` is 1.
   */
  onOutput?: ((stream: "stdout" | "stderr", bytes: Uint8Array) => void) | undefined;
}

/** The options of `run`. */
export interface RunOptions extends CallOptions {
  /**
   * How often the task is started again, in another process, if its worker dies or its `timeout` expires; it may then
   * run more than once. A number, or an object with more settings. Default 0: never.
   */
  retries?: number | RetryInput | undefined;
  /** Receives the values of the task's `task().emit`, in order and before the call settles. */
  onProgress?: ((value: never) => void) | undefined;
}

/** Where a call has begun. */
export interface BegunCall {
  /** The worker, as in `pool.workers`. */
  readonly worker: WorkerInfo;
  /** Attempts before this one. */
  readonly retries: number;
}

export interface RetryInput {
  /** Attempts after the first. Default 3. */
  limit?: number | undefined;
  /** Whether to retry after an error that the task threw, too. Default: never. */
  when?: ((error: unknown) => boolean) | undefined;
  /** The delays before the attempts. */
  backoff?: BackoffInput | undefined;
}

/** The options of `map`; those of `run` apply to each item. */
export interface MapOptions extends RunOptions {
  /** Whether results come in the order of the items; false yields each as soon as it is there. Default true. */
  ordered?: boolean | undefined;
  /**
   * The most items under way, or finished and waiting for a slow consumer. Default: twice the tasks that run at once,
   * times `chunk`.
   */
  concurrency?: number | undefined;
  /**
   * Items sent as one call, which runs them one after another: for tiny ones. All options then apply to the chunk.
   * Default 1.
   */
  chunk?: number | undefined;
  /**
   * The first error ends the map. False continues, leaves the failed items out and throws an AggregateError at the
   * end. Default true.
   */
  stopOnError?: boolean | undefined;
  /**
   * True yields each item's outcome, as `Promise.allSettled` does, with its index in the source: `{ status: "fulfilled", index,
   * value }` or `{ status: "rejected", index, reason }`. No error of an item ends the map. Default false.
   */
  settled?: boolean | undefined;
}

/** What `map` yields with `settled: true`. `index` counts the items of the source, from 0. */
export type SettledItem<T> =
  | { readonly status: "fulfilled"; readonly index: number; readonly value: T }
  | { readonly status: "rejected"; readonly index: number; readonly reason: unknown };

/** The options of `broadcast`. */
export interface BroadcastOptions extends Pick<CallOptions, "signal" | "timeout" | "queueTimeout"> {
  /**
   * True also runs the task in every worker that starts later, before its first task; the last broadcast of a name
   * counts. False runs it only this once and cancels what later workers were to run under this name. Default: only
   * this once.
   */
  later?: boolean | undefined;
}

export interface RetryPolicy {
  /** Attempts after the first, at most. */
  readonly limit: number;
  /** Called when the task threw; without it a thrown error is final. */
  readonly when: ((error: unknown) => boolean) | undefined;
  readonly backoff: Backoff;
}

export interface ResolvedRunOptions {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly queueTimeout: number;
  readonly priority: number;
  readonly key: string | undefined;
  readonly retries: RetryPolicy | undefined;
  readonly onStart: ((begun: BegunCall) => void) | undefined;
  readonly onOutput: ((stream: OutputStream, bytes: Uint8Array) => void) | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
}

export interface RunDefaults {
  readonly timeout: number;
  readonly queueTimeout: number;
  readonly concurrentTasksPerWorker: number;
}

const CALL = ["signal", "timeout", "queueTimeout", "priority", "key", "onStart", "onOutput"];
const RUN = [...CALL, "retries", "onProgress"];
const MAP = [...RUN, "ordered", "concurrency", "chunk", "stopOnError", "settled"];

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveCallOptions(
  input: CallOptions | undefined,
  defaults: RunDefaults,
  runtime: Pick<Runtime, "bindContext">,
): ResolvedRunOptions {
  return read(new OptionReader("", input, CALL), defaults, runtime);
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveRunOptions(
  input: RunOptions | undefined,
  defaults: RunDefaults,
  runtime: Pick<Runtime, "bindContext">,
): ResolvedRunOptions {
  return read(new OptionReader("", input, RUN), defaults, runtime);
}

export interface ResolvedMapOptions {
  readonly ordered: boolean;
  readonly concurrency: number;
  readonly chunk: number;
  readonly stopOnError: boolean;
  readonly settled: boolean;
  readonly run: RunOptions;
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveMapOptions(
  input: MapOptions | undefined,
  poolConcurrency: number,
): ResolvedMapOptions {
  const map = new OptionReader("", input, MAP);
  const chunk = map.integer("chunk", 1, 1);
  const settled = map.boolean("settled", false);
  return {
    ordered: map.boolean("ordered", true),
    concurrency: map.integer("concurrency", 1, poolConcurrency * 2 * chunk),
    chunk,
    stopOnError: map.boolean("stopOnError", true) && !settled,
    settled,
    run: map.pick<RunOptions>(RUN),
  };
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveBroadcastOptions(
  input: BroadcastOptions | undefined,
  defaults: RunDefaults,
  runtime: Pick<Runtime, "bindContext">,
): { readonly run: ResolvedRunOptions; readonly later: boolean | undefined } {
  const broadcast = new OptionReader("", input, ["signal", "timeout", "queueTimeout", "later"]);
  const later = broadcast.get("later") === undefined ? undefined : broadcast.boolean("later", false);
  return { run: read(broadcast, defaults, runtime), later };
}

function read(
  call: OptionReader,
  defaults: RunDefaults,
  runtime: Pick<Runtime, "bindContext">,
): ResolvedRunOptions {
  const onStart = call.callback("onStart");
  const onOutput = call.callback("onOutput");
  const onProgress = call.callback("onProgress");
  if (onOutput !== undefined) assertOneAtATime(defaults.concurrentTasksPerWorker);
  return {
    signal: call.signal("signal"),
    timeout: call.duration("timeout", defaults.timeout),
    queueTimeout: call.duration("queueTimeout", defaults.queueTimeout),
    priority: call.optionalInteger("priority", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) ?? 0,
    key: call.text("key"),
    retries: resolveRetries(call, runtime),
    onStart: onStart === undefined ? undefined : runtime.bindContext(onStart),
    onOutput: onOutput === undefined ? undefined : runtime.bindContext(onOutput),
    onProgress: onProgress === undefined ? undefined : runtime.bindContext(onProgress),
  };
}

/** @throws TypeError where a worker runs several tasks at once: its streams do not say which of them has written. */
function assertOneAtATime(concurrentTasksPerWorker: number): void {
  if (concurrentTasksPerWorker === 1) return;
  throw ours(
    new TypeError(
      "Expected the pool's `concurrentTasksPerWorker` to be 1 with `onOutput`, since what a worker writes does not say " +
        `which of its tasks wrote it, received ${concurrentTasksPerWorker}`,
    ),
  );
}

function resolveRetries(call: OptionReader, runtime: Pick<Runtime, "bindContext">): RetryPolicy | undefined {
  const given = call.get("retries");
  if (given === undefined) return undefined;
  if (typeof given === "number") {
    const limit = call.count("retries", 0);
    return limit === 0
      ? undefined
      : { limit, when: undefined, backoff: resolveBackoff("retries.backoff", {}) };
  }
  const retries = new OptionReader("retries.", given, ["limit", "when", "backoff"]);
  const when = retries.callback("when") as ((error: unknown) => boolean) | undefined;
  return {
    limit: retries.count("limit", 3),
    when: when === undefined ? undefined : runtime.bindContext(when),
    backoff: resolveBackoff("retries.backoff", retries.get("backoff")),
  };
}
