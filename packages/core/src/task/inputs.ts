/**
 * The arguments of a call that are async iterables: the host reads them as the worker asks, so that back-pressure
 * reaches whoever produces them. Owns the iterators, and ends each of them once the call is over. A readable stream
 * may fail before anybody reads it: that is heard from the first moment, and nothing is read for it.
 */
import { abandon, isReadable, type Readable } from "../flow/readable.ts";
import { Sender, type Source, sourceOf } from "../flow/sender.ts";
import type { Runtime } from "../port/runtime.ts";
import { type EncodedValue, encode, encodeThrown } from "../wire/value.ts";

/** The way to the worker that runs the call. */
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
 * @throws RangeError when there are more than a call can name, and what reading the arguments throws.
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

/** Lets go of the arguments of a call that was refused, as `dispose` does of one that was accepted. Never throws. */
export function abandonAll(args: unknown): void {
  try {
    if (Array.isArray(args)) for (const arg of args) abandon(arg);
  } catch {
    // The list itself can't be read: that is why the call was refused.
  }
}

/** For what may refuse a call with these arguments, by throwing. */
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
  /** Its failure before anybody asked for an item. */
  failure?: { readonly error: unknown };
}

export class Inputs {
  /** Hears of a failure while no worker has the call: it need not go to one. */
  onFailure: ((error: unknown) => void) | undefined;
  readonly positions: readonly number[];
  readonly #inputs = new Map<number, Input>();
  #link: InputLink | undefined;

  /**
   * The iterators are opened, and nothing is read yet.
   *
   * @throws what opening them throws, and the failure of a readable that tells it at once.
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

  /** The worker that runs it; undefined when that is gone and had not begun. */
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

  /** The call is over. */
  dispose(): void {
    this.#link = undefined;
    this.onFailure = undefined;
    for (const { sender, readable } of this.#inputs.values()) {
      sender.stop();
      // An iterator that has not begun, or that waits, ends nothing by its `return`.
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
    const input: Input = { sender, readable };
    this.#inputs.set(position, input);
    readable?.on("error", (error) => this.#onError(input, error));
  }

  /** Once it has been read, its iterator tells. */
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
    next: bindContext(() => source.next()),
    return: bindContext(() => source.return?.()),
  };
}
