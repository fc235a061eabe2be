/**
 * The producing end of a flow of items: takes as many from an iterator as the other side has asked for, one at a
 * time, and no more. Both sides use it: the worker for the generator of a stream, the host for an iterable argument.
 */

/** What is driven: the iterator of any iterable, sync or async. */
export interface Source {
  next(): unknown;
  return?: ((value?: unknown) => unknown) | undefined;
}

export interface SenderEvents {
  /** @throws when the item can't be sent: the flow then fails with what it throws. */
  onItem(item: unknown): void;
  /** Exactly one of the two, once, and nothing after it. */
  onEnd(value: unknown): void;
  onFail(error: unknown): void;
}

export class Sender {
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

  grant(count: number): void {
    this.#granted += count;
    if (!this.#isAdvancing) void this.#advance();
  }

  /** No more is wanted: the iterator ends, its `finally` included, and then the flow. */
  stop(): void {
    if (this.#isStopped || this.#isOver) return;
    this.#isStopped = true;
    void this.#close(() => this.#end(undefined));
  }

  async #advance(): Promise<void> {
    this.#isAdvancing = true;
    try {
      while (this.#granted > 0 && !this.#isStopped && !this.#isOver) {
        const step = (await this.#source.next()) as IteratorResult<unknown, unknown>;
        if (this.#isStopped) break;
        if (step.done === true) {
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

  /** A generator that waits for something ends when that has come; until then `return` is only queued. */
  async #close(then: () => void): Promise<void> {
    try {
      await this.#source.return?.();
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

/** The iterator of an iterable, the async one first; undefined when it is none. */
export function sourceOf(value: unknown): Source | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const iterable = value as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  if (typeof iterable[Symbol.asyncIterator] === "function")
    return iterable[Symbol.asyncIterator]?.() as Source;
  if (typeof iterable[Symbol.iterator] === "function") return iterable[Symbol.iterator]?.() as Source;
  return undefined;
}
