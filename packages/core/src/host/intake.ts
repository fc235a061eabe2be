/**
 * How a call becomes a task: what is wrong with it is thrown here, before anything is counted. Owns the order in which
 * tasks came; where they wait is the dispatcher's.
 */
import { PoolClosedError } from "../errors.ts";
import type { Runtime } from "../port/runtime.ts";
import type { ResolvedRunOptions, RunDefaults, RunOptions } from "../run-options.ts";
import { resolveRunOptions } from "../run-options.ts";
import { CallFlag } from "../wire/frame.ts";
import { type EncodedValue, encode } from "../wire/value.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { Inputs, iterablePositions } from "./inputs.ts";
import type { Ledger } from "./ledger.ts";
import type { Slot } from "./slot.ts";
import { type Outcome, Task, type TaskOwner } from "./task.ts";

export interface IntakeSurroundings {
  readonly runtime: Runtime;
  readonly defaults: RunDefaults;
  readonly owner: TaskOwner;
  readonly ledger: Ledger;
  readonly dispatcher: Dispatcher;
}

const NO_ARGS = encode([], "args");

export class Intake {
  isClosed = false;
  readonly #pool: IntakeSurroundings;
  readonly #plain: ResolvedRunOptions;
  #order = 0;

  constructor(pool: IntakeSurroundings) {
    this.#pool = pool;
    this.#plain = resolveRunOptions(undefined, pool.defaults, pool.runtime);
  }

  /** @throws TypeError or RangeError for a wrong option. */
  resolve(options: RunOptions | undefined): ResolvedRunOptions {
    if (options === undefined) return this.#plain;
    return resolveRunOptions(options, this.#pool.defaults, this.#pool.runtime);
  }

  /** @throws PoolClosedError, or TypeError when the arguments are no array, or the reason of an aborted signal. */
  check(name: unknown, args: unknown, signal: AbortSignal | undefined): void {
    if (typeof name !== "string") throw new TypeError(`Expected the name of a task, received ${typeof name}`);
    if (this.isClosed) throw closedError(`run \`${name}\``);
    if (!Array.isArray(args)) {
      throw new TypeError(`Expected the arguments of \`${name}\` as an array, received ${typeof args}`);
    }
    signal?.throwIfAborted();
  }

  /** @throws whatever is wrong with the call; QueueFullError. */
  submit(
    name: string,
    args: readonly unknown[],
    options: ResolvedRunOptions,
    outcome: Outcome,
    flag = 0,
  ): Task {
    this.check(name, args, options.signal);
    const positions = flag === CallFlag.Chunk ? undefined : iterablePositions(args);
    if (positions !== undefined && options.retries !== undefined) {
      throw new TypeError(
        `Expected \`retries\` without an iterable argument, received both for \`${name}\`: what was read of it is gone`,
      );
    }
    const plain = positions === undefined ? args : args.map((arg, i) => (positions.includes(i) ? null : arg));
    const encoded = plain.length === 0 ? NO_ARGS : encode(plain, "args");
    this.#pool.dispatcher.assertRoom(name, options.key);
    const inputs = positions === undefined ? undefined : new Inputs(args, positions, this.#pool.runtime);
    const flags = flag | (options.onProgress === undefined ? 0 : CallFlag.Progress);
    const task = this.#make({ name, args: encoded, flags, inputs, target: undefined, outcome }, options);
    this.#pool.dispatcher.add(task);
    return task;
  }

  /** A task that only this worker may take; it waits nowhere yet. */
  makeFor(
    target: Slot,
    call: { readonly name: string; readonly args: EncodedValue; readonly options: ResolvedRunOptions },
    outcome: Outcome,
  ): Task {
    const { name, args, options } = call;
    return this.#make({ name, args, flags: 0, inputs: undefined, target, outcome }, options);
  }

  #make(request: Task["request"], options: ResolvedRunOptions): Task {
    const { owner, runtime, ledger } = this.#pool;
    ledger.onAccepted();
    return new Task(request, options, { owner, runtime, order: this.#order++ });
  }
}

export function closedError(wish: string): PoolClosedError {
  return new PoolClosedError(`Cannot ${wish}: the pool is closed; create another with createPool()`);
}
