/** The options of one call. Beside options.ts, which has those of the pool and with them the defaults of some. */

import type { Runtime } from "../port/runtime.ts";
import { type Backoff, type BackoffInput, resolveBackoff } from "./backoff-options.ts";
import { OptionReader } from "./option-reader.ts";

/** What one call may ask for, whatever becomes of it. */
export interface CallOptions {
  /** Aborting rejects the call with the signal's reason; in the worker `task().signal` aborts. */
  signal?: AbortSignal | undefined;
  /** How long the task may run, in ms, waiting not counted. Default: the pool's `timeout`. */
  timeout?: number | undefined;
  /** How long the call may wait for a worker, in ms. Default: the pool's `queueTimeout`. */
  queueTimeout?: number | undefined;
  /**
   * An integer; the higher goes first. One step is worth a second of waiting, so that no call starves. Default 0.
   */
  priority?: number | undefined;
  /** Calls with the same key go to the same worker, one after another's turn, for as long as that worker lives. */
  key?: string | undefined;
}

/** What one `run` may ask for. */
export interface RunOptions extends CallOptions {
  /**
   * How often the task is started again, on another process, when its worker died or its `timeout` was over: it may
   * then run more than once. A number, or more about it. Default 0: never.
   */
  retries?: number | RetryInput | undefined;
  /** Hears what the task gives to `task().emit`, in order and before the call settles. */
  onProgress?: ((value: never) => void) | undefined;
}

export interface RetryInput {
  /** Attempts after the first. Default 3. */
  limit?: number | undefined;
  /** Whether an error that the task threw is a reason, too. Default: it never is. */
  when?: ((error: unknown) => boolean) | undefined;
  /** The delays before the attempts. */
  backoff?: BackoffInput | undefined;
}

/** What one `map` may ask for: `run`'s options hold for each item. */
export interface MapOptions extends RunOptions {
  /** Results come in the order of the items; false gives each as it is there. Default true. */
  ordered?: boolean | undefined;
  /** Items that are under way, or wait to be taken by a slow consumer, at most. Default: twice the tasks that run at once, times `chunk`. */
  concurrency?: number | undefined;
  /** Items sent as one call, which runs them one after another: for tiny ones. All its options hold for the chunk. Default 1. */
  chunk?: number | undefined;
  /** The first error ends the map. False goes on, leaves the failed ones out and throws an AggregateError at the end. Default true. */
  stopOnError?: boolean | undefined;
}

/** What one `broadcast` may ask for. */
export interface BroadcastOptions extends Pick<CallOptions, "signal" | "timeout" | "queueTimeout"> {
  /**
   * Also in every worker that starts later, before its first task; the last one of a name counts. `false`: this time
   * and no more, so it takes back what was to be made later. Default: this time.
   */
  later?: boolean | undefined;
}

export interface RetryPolicy {
  /** Attempts after the first, at most. */
  readonly limit: number;
  /** Asked when the task threw: without it a thrown error is final. */
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
  readonly onProgress: ((value: unknown) => void) | undefined;
}

export interface RunDefaults {
  readonly timeout: number;
  readonly queueTimeout: number;
}

const CALL = ["signal", "timeout", "queueTimeout", "priority", "key"];
const RUN = [...CALL, "retries", "onProgress"];
const MAP = [...RUN, "ordered", "concurrency", "chunk", "stopOnError"];

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
  readonly run: RunOptions;
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveMapOptions(input: MapOptions | undefined, seats: number): ResolvedMapOptions {
  const map = new OptionReader("", input, MAP);
  const { ordered: _o, concurrency: _c, chunk: _n, stopOnError: _s, ...run } = input ?? {};
  const chunk = map.integer("chunk", 1, 1);
  return {
    ordered: map.boolean("ordered", true),
    concurrency: map.integer("concurrency", 1, seats * 2 * chunk),
    chunk,
    stopOnError: map.boolean("stopOnError", true),
    run,
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
  const onProgress = call.callback("onProgress");
  return {
    signal: call.signal("signal"),
    timeout: call.duration("timeout", defaults.timeout),
    queueTimeout: call.duration("queueTimeout", defaults.queueTimeout),
    priority: call.optionalInteger("priority", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) ?? 0,
    key: call.text("key"),
    retries: resolveRetries(call, runtime),
    onProgress: onProgress === undefined ? undefined : runtime.bindContext(onProgress),
  };
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
