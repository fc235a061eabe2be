/**
 * The arguments of a call that are async iterables: the host reads them as the worker asks, so that back-pressure
 * reaches their source. Owns the iterators, and ends each of them once the call has settled. A readable stream may fail
 * before it is read, so its `error` event is listened to from the start, without reading from it.
 */
import { counted } from "../call-safely.ts";
import { abandon, isReadable, type Readable } from "../flow/readable.ts";
import { endSource, Sender, type Source, sourceOf } from "../flow/sender.ts";
import type { Runtime } from "../port/runtime.ts";
import { type EncodedValue, encode, encodeThrown } from "../wire/value.ts";

/** The channel to the worker that runs the call. */
export interface InputLink {
  input(position: number, item: EncodedValue): void;
  inputEnd(position: number): void;
  inputFailure(position: number, error: EncodedValue): void;
}

/** A frame names an argument by one byte. */
const MAX_POSITION = 255;

/**
 * The arguments that are read item by item; undefined when there is none, which is nearly always.
 *
 * @throws RangeError when a position is beyond what a call can name, and what reading the arguments throws.
 */
export function iterablePositions(args: readonly unknown[]): readonly number[] | undefined {
  let positions: number[] | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg !== "object" || arg === null) continue;
    if (typeof (arg as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] !== "function") continue;
    if (i >= MAX_POSITION) {
      throw new RangeError(
        `Expected iterable arguments to be among the first ${MAX_POSITION}, received one as args[${i}]`,
      );
    }
    positions ??= [];
    positions.push(i);
  }
  return positions;
}

/** Releases the arguments of a rejected call, as `dispose` does for an accepted one. Never throws. */
export function abandonAll(args: unknown): void {
  try {
    if (Array.isArray(args)) for (const arg of args) abandon(arg);
  } catch {
    // The list itself can't be read, which is why the call was rejected.
  }
}

/** Runs `make`, and releases the arguments if it throws. */
export function orAbandon<T>(args: unknown, make: () => T): T {
  try {
    return make();
  } catch (error) {
    abandonAll(args);
    throw error;
  }
}

/** One argument. */
interface Input {
  readonly sender: Sender;
  readonly readable: Readable | undefined;
  /** Its failure before an item was asked for. */
  failure: { readonly error: unknown } | undefined;
}

export class Inputs {
  /** Called on a failure while no worker has the call: it need not be sent to one. */
  onFailure: ((error: unknown) => void) | undefined;
  readonly positions: readonly number[];
  readonly #inputs = new Map<number, Input>();
  #link: InputLink | undefined;

  /**
   * The iterators are opened, and nothing is read yet.
   *
   * @throws what opening them throws, and the failure of a readable that emits it at once.
   */
  constructor(args: readonly unknown[], positions: readonly number[], runtime: Pick<Runtime, "bindContext">) {
    this.positions = positions;
    try {
      for (const position of positions) this.#open(position, args[position], runtime);
      for (const { failure } of this.#inputs.values()) if (failure !== undefined) throw failure.error;
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** @param link To the worker that runs the call; undefined when that worker died before it began. */
  connect(link: InputLink | undefined): void {
    this.#link = link;
    if (link === undefined) return;
    for (const [position, { failure }] of this.#inputs) {
      if (failure !== undefined) link.inputFailure(position, encodeThrown(failure.error));
    }
  }

  grant(position: number, count: number): void {
    this.#inputs.get(position)?.sender.grant(count);
  }

  stop(position: number): void {
    this.#inputs.get(position)?.sender.stop();
  }

  /** The call has settled. */
  dispose(): void {
    this.#link = undefined;
    this.onFailure = undefined;
    for (const { sender, readable } of this.#inputs.values()) {
      sender.stop();
      // `return` of an iterator that has not begun, or that is waiting, does not close the stream.
      if (!sender.hasStarted || sender.isWaiting) abandon(readable);
    }
  }

  #open(position: number, arg: unknown, runtime: Pick<Runtime, "bindContext">): void {
    const readable = isReadable(arg) ? arg : undefined;
    const source = inContext(sourceOf(arg) as Source, runtime);
    const sender = new Sender(source, {
      onItem: (item) => this.#link?.input(position, encode(item, `args[${position}][item]`)),
      onEnd: () => this.#link?.inputEnd(position),
      onFail: (error) => this.#link?.inputFailure(position, encodeThrown(error)),
    });
    const input: Input = { sender, readable, failure: undefined };
    this.#inputs.set(position, input);
    readable?.on("error", (error) => this.#onError(input, error));
  }

  /** Once reading has begun, its iterator reports errors. */
  #onError(input: Input, error: unknown): void {
    if (input.sender.hasStarted || input.failure !== undefined) return;
    input.failure = { error };
    input.sender.fail(error);
    if (this.#link === undefined) this.onFailure?.(error);
  }
}

/** The iterator's code runs where the call was made, as far as AsyncLocalStorage goes. */
function inContext(source: Source, { bindContext }: Pick<Runtime, "bindContext">): Source {
  return {
    next: bindContext(() => counted(() => source.next())),
    return: bindContext(() => endSource(source)),
  };
}
