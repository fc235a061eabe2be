/**
 * The producing end of a flow of items: takes as many items from an iterator as the other side has asked for, one at
 * a time, and no more. Both sides use it: the worker for the generator of a stream, the host for an iterable
 * argument.
 */
import { propertyOf } from "../bare.ts";
import { isThenable } from "../thenable.ts";

/** The iterator it drives, of any iterable, sync or async. */
export interface Source {
  next(): unknown;
  return?: ((value?: unknown) => unknown) | undefined;
}

export interface SenderEvents {
  /** @throws if the item can't be sent: the flow then fails with that error. */
  onItem(item: unknown): void;
  /** Exactly one of these two is called, once, as the last event. */
  onEnd(value: unknown): void;
  onFail(error: unknown): void;
}

export class Sender {
  /** The source has been asked for an item. */
  hasStarted = false;
  /** It has been asked for an item that has not come yet. */
  isWaiting = false;
  readonly #source: Source;
  readonly #events: SenderEvents;
  #granted = 0;
  #isAdvancing = false;
  #isOver = false;
  #isStopped = false;

  constructor(source: Source, events: SenderEvents) {
    this.#source = source;
    this.#events = events;
  }

  /** Items asked for and not given yet. */
  get granted(): number {
    return this.#granted;
  }

  grant(count: number): void {
    this.#granted += count;
    if (!this.#isAdvancing) void this.#advance();
  }

  /** The consumer wants no more: ends the iterator, including its `finally`, and then the flow. */
  stop(): void {
    if (this.#isStopped || this.#isOver) return;
    this.#isStopped = true;
    void this.#close(() => this.#end(undefined));
  }

  /** The source has failed by itself and need not be ended. */
  fail(error: unknown): void {
    if (!this.#isStopped) this.#fail(error);
  }

  async #advance(): Promise<void> {
    this.#isAdvancing = true;
    try {
      while (this.#granted > 0 && !this.#isStopped && !this.#isOver) {
        this.hasStarted = true;
        this.isWaiting = true;
        let given: unknown = this.#source.next();
        if (isThenable(given)) given = await given;
        else await undefined; // no item comes in the turn in which it was asked for
        this.isWaiting = false;
        if (this.#isStopped || this.#isOver) break;
        const step = readStep(given);
        if (step.done) {
          this.#end(step.value);
          break;
        }
        this.#granted--;
        this.#send(step.value);
      }
    } catch (error) {
      if (!this.#isStopped) this.#fail(error);
    } finally {
      this.#isAdvancing = false;
      this.isWaiting = false;
    }
  }

  #send(item: unknown): void {
    try {
      this.#events.onItem(item);
    } catch (error) {
      this.#isStopped = true;
      void this.#close(() => this.#fail(error));
    }
  }

  /** A generator that awaits something ends once that has settled; until then `return` is only queued. */
  async #close(then: () => void): Promise<void> {
    try {
      await endSource(this.#source);
    } catch (error) {
      this.#fail(error);
      return;
    }
    then();
  }

  #end(value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onEnd(value);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#events.onFail(error);
  }
}

/** Ends the iterator, if it has a way to be ended. */
export function endSource(source: Source): unknown {
  const end = propertyOf(source, "return");
  return typeof end === "function" ? (end as () => unknown).call(source) : undefined;
}

/** @throws TypeError when it is not an object, as `for await` does, and whatever reading it throws. */
export function readStep(step: unknown): IteratorResult<unknown, unknown> {
  if (!isObject(step)) {
    throw new TypeError(`Expected next() of an iterable to give an object, received ${typeof step}`);
  }
  return step as IteratorResult<unknown, unknown>;
}

/**
 * The iterator of an iterable, the async one if it has both; undefined for anything else.
 *
 * @throws TypeError when an iterable has no iterator, and whatever opening it throws.
 */
export function sourceOf(value: unknown): Source | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const iterable = value as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  for (const key of [Symbol.asyncIterator, Symbol.iterator] as const) {
    const open: unknown = iterable[key];
    if (typeof open !== "function") continue;
    const iterator: unknown = open.call(value);
    if (isObject(iterator) && typeof (iterator as Partial<Source>).next === "function")
      return iterator as Source;
    throw new TypeError("Expected the iterator of an iterable to be an object with a next() method");
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
