/**
 * The arguments of a call that are async iterables: the host reads them as the worker asks, so that back-pressure
 * reaches whoever produces them. Owns the iterators, and ends each of them once the call is over.
 */
import { Sender, type Source, sourceOf } from "../flow/sender.ts";
import type { Runtime } from "../port/runtime.ts";
import { type EncodedValue, encode, encodeThrown } from "../wire/value.ts";

/** The way to the worker that runs the call. */
export interface InputLink {
  input(position: number, item: EncodedValue): void;
  inputEnd(position: number): void;
  inputFailure(position: number, error: EncodedValue): void;
}

/** The arguments that are read item by item; undefined when there is none, which is nearly always. */
export function iterablePositions(args: readonly unknown[]): readonly number[] | undefined {
  let positions: number[] | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg !== "object" || arg === null || !(Symbol.asyncIterator in arg)) continue;
    positions ??= [];
    positions.push(i);
  }
  return positions;
}

export class Inputs {
  readonly positions: readonly number[];
  readonly #senders = new Map<number, Sender>();
  #link: InputLink | undefined;

  /** The iterators are opened, and nothing is read yet. */
  constructor(args: readonly unknown[], positions: readonly number[], runtime: Pick<Runtime, "bindContext">) {
    this.positions = positions;
    for (const position of positions) {
      const source = inContext(sourceOf(args[position]) as Source, runtime);
      const sender = new Sender(source, {
        onItem: (item) => this.#link?.input(position, encode(item, `args[${position}][item]`)),
        onEnd: () => this.#link?.inputEnd(position),
        onFail: (error) => this.#link?.inputFailure(position, encodeThrown(error)),
      });
      this.#senders.set(position, sender);
    }
  }

  connect(link: InputLink | undefined): void {
    this.#link = link;
  }

  grant(position: number, count: number): void {
    this.#senders.get(position)?.grant(count);
  }

  stop(position: number): void {
    this.#senders.get(position)?.stop();
  }

  /** The call is over. */
  dispose(): void {
    this.#link = undefined;
    for (const sender of this.#senders.values()) sender.stop();
  }
}

/** The iterator's code runs where the call was made, as far as AsyncLocalStorage goes. */
function inContext(source: Source, { bindContext }: Pick<Runtime, "bindContext">): Source {
  return {
    next: bindContext(() => source.next()),
    return: bindContext(() => source.return?.()),
  };
}
