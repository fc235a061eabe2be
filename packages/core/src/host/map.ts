/**
 * `pool.map()`: one call for each item of an iterable, or for each few of them. Takes items from the source only while
 * fewer than `concurrency` are under way or wait to be taken, so that a slow consumer stops the source. Built on `run`
 * alone.
 */
import { type Source, sourceOf } from "../flow/sender.ts";
import type { ResolvedMapOptions, RunOptions } from "../run-options.ts";
import type { ChunkOutcome } from "../wire/frame.ts";
import { fromUnsendable } from "../wire/value.ts";

/** How a call is made. The options are the same object each time, so that they need to be looked at once. */
export interface MapCalls {
  run(args: readonly unknown[], options: RunOptions): Promise<unknown>;
  runChunk(items: readonly (readonly unknown[])[], options: RunOptions): Promise<readonly ChunkOutcome[]>;
}

type Step = IteratorResult<unknown, unknown>;
type Settled = { readonly value: unknown } | { readonly error: unknown };

/** One call, and the outcomes of its items once it is over. */
interface Batch {
  outcomes: Settled[] | undefined;
}

/** Read of the source at one time. */
interface Taken {
  readonly items: unknown[][];
  readonly isLast: boolean;
  readonly failure?: { readonly error: unknown };
}

export class Mapping implements AsyncIterableIterator<unknown, unknown, undefined> {
  readonly #source: Source;
  readonly #options: ResolvedMapOptions;
  readonly #calls: MapCalls;
  readonly #giveUp = new AbortController();
  /** The caller's, and with them what gives a call up: the caller's signal, or the end of the map. */
  readonly #callOptions: RunOptions & { readonly signal: AbortSignal };
  /** In the order of the items. */
  readonly #batches: Batch[] = [];
  /** Outcomes that can be taken. */
  readonly #ready: Settled[] = [];
  readonly #errors: unknown[] = [];
  readonly #waiting: { resolve: (step: Step) => void; reject: (error: unknown) => void }[] = [];
  readonly #batchSize: number;
  /** Items under way or ready: at most `concurrency`. */
  #held = 0;
  #isReading = false;
  #isExhausted = false;
  #isOver = false;

  /** @throws TypeError when the source is no iterable. */
  constructor(source: unknown, options: ResolvedMapOptions, calls: MapCalls) {
    const iterator = sourceOf(source);
    if (iterator === undefined) {
      throw new TypeError(
        `Expected an iterable or an async iterable of argument lists to map over, received ${typeof source}`,
      );
    }
    this.#source = iterator;
    this.#options = options;
    this.#calls = calls;
    this.#batchSize = Math.min(options.chunk, options.concurrency);
    const { signal } = options.run;
    const giveUp = this.#giveUp.signal;
    this.#callOptions = {
      ...options.run,
      signal: signal === undefined ? giveUp : AbortSignal.any([signal, giveUp]),
    };
    // Told at once, also while the source has nothing to give.
    signal?.addEventListener("abort", () => this.#deliver(), { once: true, signal: this.#giveUp.signal });
  }

  next(): Promise<Step> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#deliver();
      void this.#read();
    });
  }

  async return(value?: unknown): Promise<Step> {
    await this.#end();
    return { done: true, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #hasRoom(): boolean {
    const isEnding = this.#isExhausted || this.#isOver || this.#callOptions.signal.aborted;
    return !isEnding && this.#held + this.#batchSize <= this.#options.concurrency;
  }

  async #read(): Promise<void> {
    if (this.#isReading || !this.#hasRoom) return;
    this.#isReading = true;
    while (this.#hasRoom) {
      const { items, isLast, failure } = await this.#take(this.#batchSize);
      this.#isExhausted = isLast;
      if (failure !== undefined && this.#options.stopOnError) this.#fail(failure.error);
      else if (items.length > 0 && !this.#isOver) this.#submit(items);
      if (failure !== undefined && !this.#options.stopOnError) this.#errors.push(failure.error);
    }
    this.#isReading = false;
    this.#deliver();
  }

  /** The next items of the source, fewer at its end; never rejects. A source that threw is over. */
  async #take(size: number): Promise<Taken> {
    const items: unknown[][] = [];
    try {
      while (items.length < size && !this.#isOver) {
        const step = (await this.#source.next()) as IteratorResult<unknown[], unknown>;
        if (step.done === true) return { items, isLast: true };
        items.push(step.value);
      }
    } catch (error) {
      return { items, isLast: true, failure: { error } };
    }
    return { items, isLast: false };
  }

  #submit(items: readonly (readonly unknown[])[]): void {
    const batch: Batch = { outcomes: undefined };
    this.#batches.push(batch);
    this.#held += items.length;
    this.#call(items).then((outcomes) => {
      if (this.#isOver) return;
      batch.outcomes = outcomes;
      this.#collect(batch);
      this.#deliver();
    });
  }

  async #call(items: readonly (readonly unknown[])[]): Promise<Settled[]> {
    const options = this.#callOptions;
    try {
      if (this.#options.chunk === 1) {
        return [{ value: await this.#calls.run(items[0] as readonly unknown[], options) }];
      }
      const outcomes = await this.#calls.runChunk(items, options);
      return outcomes.map((outcome) =>
        "unsendable" in outcome ? { error: fromUnsendable(outcome.unsendable) } : outcome,
      );
    } catch (error) {
      return items.map(() => ({ error })); // each item of a chunk shares the fate of its call
    }
  }

  #collect(batch: Batch): void {
    if (this.#options.ordered) {
      for (let first = this.#batches[0]; first?.outcomes !== undefined; first = this.#batches[0]) {
        this.#ready.push(...first.outcomes);
        this.#batches.shift();
      }
    } else {
      this.#batches.splice(this.#batches.indexOf(batch), 1);
      this.#ready.push(...(batch.outcomes as Settled[]));
    }
  }

  #deliver(): void {
    const { signal } = this.#options.run;
    if (signal?.aborted === true && this.#waiting.length > 0) this.#fail(signal.reason);
    while (this.#waiting.length > 0 && this.#ready.length > 0) {
      const outcome = this.#ready.shift() as Settled;
      this.#held--;
      if ("value" in outcome) this.#waiting.shift()?.resolve({ done: false, value: outcome.value });
      else if (!this.#options.stopOnError) this.#errors.push(outcome.error);
      else {
        this.#fail(outcome.error);
        return;
      }
    }
    const isDone =
      this.#isOver || (this.#isExhausted && this.#batches.length === 0 && this.#ready.length === 0);
    if (!isDone) {
      void this.#read();
      return;
    }
    this.#isOver = true;
    this.#giveUp.abort(); // for whoever listens: nothing is under way any more
    for (const { resolve, reject } of this.#waiting.splice(0)) {
      if (this.#errors.length === 0) resolve({ done: true, value: undefined });
      else reject(new AggregateError(this.#errors.splice(0), "Some items of a map failed"));
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const first = this.#waiting.shift();
    if (first === undefined) {
      this.#ready.push({ error }); // for whoever asks next
      return;
    }
    first.reject(error);
    this.#end().catch(() => {}); // the first error is the one that counts
  }

  /** No more is read, and what is under way is given up. */
  async #end(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ready.length = 0;
    this.#giveUp.abort(new DOMException("The map has ended", "AbortError"));
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
    if (!this.#isExhausted) await this.#source.return?.();
  }
}
