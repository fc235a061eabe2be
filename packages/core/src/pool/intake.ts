/**
 * Turns a call into a task. Throws here if anything is wrong with the call, before anything is counted. Owns the numbering
 * of tasks in order of arrival; where they wait is up to the dispatcher.
 */

import { ours, wasGiven } from "../call-site.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { PoolClosedError } from "../errors.ts";
import type { HostClock } from "../host/host-clock.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type {
  BroadcastOptions,
  CallOptions,
  ResolvedRunOptions,
  RunDefaults,
  RunOptions,
} from "../options/call-options.ts";
import { resolveBroadcastOptions, resolveCallOptions, resolveRunOptions } from "../options/call-options.ts";
import type { ResolvedOptions } from "../options/pool-options.ts";
import type { Runtime } from "../port/runtime.ts";
import { ofTask } from "../task/call-errors.ts";
import { abandonAll, Inputs, iterablePositions, orAbandon } from "../task/inputs.ts";
import type { Outcome } from "../task/request.ts";
import { Task } from "../task/task.ts";
import type { TaskContext, TaskOwner } from "../task/task-context.ts";
import type { Trace } from "../trace.ts";
import { CallFlag } from "../wire/frame.ts";
import { type EncodedValue, encodeArguments } from "../wire/value.ts";
import type { HeardOutput } from "./heard-output.ts";
import type { Ledger } from "./ledger.ts";

export interface IntakeSurroundings {
  readonly runtime: Runtime;
  readonly loop: LoopWatch;
  readonly clock: HostClock;
  readonly defaults: RunDefaults & Pick<ResolvedOptions, "killTimeout">;
  readonly owner: TaskOwner<Task>;
  readonly ledger: Ledger;
  readonly dispatcher: Dispatcher;
  readonly output: HeardOutput;
  readonly trace: Trace | undefined;
}

/** A worker that has not started a task by then may only be slow. In ms. */
const SHORTEST_PATIENCE_MS = 1_000;

const NO_ARGS = encodeArguments([]);

export class Intake {
  isClosed = false;
  readonly #pool: IntakeSurroundings;
  readonly #plain: ResolvedRunOptions;
  readonly #taskContext: TaskContext<Task>;
  #order = 0;

  constructor(pool: IntakeSurroundings) {
    this.#pool = pool;
    this.#plain = resolveRunOptions(undefined, pool.defaults, pool.runtime);
    const { owner, ledger, loop, clock, defaults, trace } = pool;
    const patience = Math.max(defaults.killTimeout, SHORTEST_PATIENCE_MS);
    this.#taskContext = { owner, ledger, loop, clock, patience, trace };
  }

  /** @throws TypeError or RangeError for an invalid option: the call with these arguments is rejected. */
  resolve(options: RunOptions | undefined, args?: unknown): ResolvedRunOptions {
    return options === undefined ? this.#plain : this.#resolveGiven(options, args);
  }

  /** On its own: the scope of a closure would be made for each call, also for those without options. */
  #resolveGiven(options: RunOptions, args: unknown): ResolvedRunOptions {
    return orAbandon(args, () => {
      assertOneList(options, args);
      return resolveRunOptions(options, this.#pool.defaults, this.#pool.runtime);
    });
  }

  /** The same for calls that have no `retries`. */
  resolveCall(options: CallOptions | undefined, args: unknown): ResolvedRunOptions {
    return orAbandon(args, () => {
      assertOneList(options, args);
      return resolveCallOptions(options, this.#pool.defaults, this.#pool.runtime);
    });
  }

  /** @throws TypeError or RangeError for an invalid option. */
  resolveBroadcast(options: BroadcastOptions | undefined): ReturnType<typeof resolveBroadcastOptions> {
    return resolveBroadcastOptions(options, this.#pool.defaults, this.#pool.runtime);
  }

  /** @throws PoolClosedError, TypeError when the arguments are not an array, or the reason of an aborted signal. */
  check(name: unknown, args: unknown, signal: AbortSignal | undefined): void {
    if (typeof name !== "string")
      throw ours(new TypeError(`Expected the name of a task, received ${typeof name}`));
    if (this.isClosed) throw closedError(`run \`${name}\``, name);
    this.checkArgs(name, args);
    if (signal?.aborted !== true) return;
    wasGiven(signal.reason);
    throw signal.reason;
  }

  /** @throws TypeError */
  checkArgs(name: string, args: unknown): void {
    if (Array.isArray(args)) return;
    throw ours(
      new TypeError(
        `Expected the arguments of \`${name}\` as an array, received ${args === null ? "null" : typeof args}; ` +
          `write \`run("${name}", [${sample(args)}])\`, and in the source of a map \`[${sample(args)}]\` for each item`,
      ),
    );
  }

  /** Makes the call a task, which is not queued yet. @throws when something is wrong with the call; QueueFullError. */
  accept(
    name: string,
    args: readonly unknown[],
    options: ResolvedRunOptions,
    outcome: Outcome,
    flag = 0,
  ): Task {
    try {
      return this.#read(name, args, options, outcome, flag);
    } catch (error) {
      abandonAll(flag === CallFlag.Chunk ? args.flat() : args);
      throw error;
    }
  }

  #read(
    name: string,
    args: readonly unknown[],
    options: ResolvedRunOptions,
    outcome: Outcome,
    flag: number,
  ): Task {
    this.check(name, args, options.signal);
    const positions = flag === CallFlag.Chunk ? undefined : iterablePositions(args);
    if (positions !== undefined && options.retries !== undefined) {
      throw new TypeError(
        `Expected \`retries\` without an iterable argument, received both for \`${name}\`: what was read of it is gone`,
      );
    }
    this.#pool.dispatcher.assertRoom(name, options.key); // before the arguments are encoded, which may be expensive
    const plain = positions === undefined ? args : withoutIterables(args, positions);
    const encoded = plain.length === 0 ? NO_ARGS : encodeArgs(name, plain);
    const inputs = positions === undefined ? undefined : new Inputs(args, positions, this.#pool.runtime);
    if (options.onOutput !== undefined) this.#pool.output.want();
    const flags = flag | (options.onProgress === undefined ? 0 : CallFlag.Progress);
    return this.#make({ name, args: encoded, flags, inputs, isBroadcast: false, outcome }, options);
  }

  /** Makes one worker's part of a broadcast; it is not queued yet. */
  makePart(
    call: { readonly name: string; readonly args: EncodedValue; readonly options: ResolvedRunOptions },
    outcome: Outcome,
  ): Task {
    const { name, args, options } = call;
    return this.#make({ name, args, flags: 0, inputs: undefined, isBroadcast: true, outcome }, options);
  }

  #make(request: Task["request"], options: ResolvedRunOptions): Task {
    this.#pool.ledger.onAccepted();
    return new Task(request, options, this.#order++, this.#taskContext);
  }
}

function withoutIterables(args: readonly unknown[], positions: readonly number[]): unknown[] {
  return args.map((arg, i) => (positions.includes(i) ? null : arg));
}

/** @throws SerializationError */
export function encodeArgs(name: string, args: readonly unknown[]): EncodedValue {
  try {
    return encodeArguments(args);
  } catch (error) {
    throw ofTask(error, name);
  }
}

/** `run("add", 1, 2)`, `run("add", [1], 2)`: what came last was taken for the options. @throws TypeError */
function assertOneList(options: unknown, args: unknown): void {
  const isList = args === undefined || Array.isArray(args);
  if (options === undefined || (isList && typeof options === "object" && options !== null)) return;
  const wrong = isList ? options : args;
  throw ours(
    new TypeError(
      `Expected a call as \`run(name, [argument, …], { option: value })\`, received ` +
        `${wrong === null ? "null" : typeof wrong} as its ${isList ? "options" : "arguments"}; all arguments of the task go into one array`,
    ),
  );
}

/** How the argument may look in the array. */
function sample(value: unknown): string {
  return typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : typeof value === "string" && value.length < 20
      ? JSON.stringify(value)
      : "…";
}

export function closedError(wish: string, task?: string): PoolClosedError {
  return new PoolClosedError(`Cannot ${wish}: the pool is closed; create another with createPool()`, {
    task,
  });
}
