/**
 * `pool.map()`: one call for each item of an iterable, or for each chunk of items. Takes items from the source only while
 * fewer than `concurrency` are under way or ready for the consumer, so that a slow consumer pauses the source. Built on
 * calls as `run` makes them; chunk-outcomes.ts reads the answer to a chunk.
 */
import { cutOff, owns } from "../bare.ts";
import { ours, rejectNamed, wasGiven } from "../call-site.ts";
import { Fifo } from "../flow/fifo.ts";
import { abandon } from "../flow/readable.ts";
import { endSource, readStep, type Source, sourceOf } from "../flow/sender.ts";
import { done, item, type Step } from "../flow/step.ts";
import type { ResolvedMapOptions } from "../options/call-options.ts";
import { isThenable } from "../thenable.ts";
import { ONCE } from "./abort.ts";
import { outcomesOf, type Settled } from "./chunk-outcomes.ts";
import { placed } from "./map-item.ts";

/** How a call is made. `run` and `runChunk` never throw: anything wrong with a call rejects its result. */
export interface MapCalls {
  /** The task's. */
  readonly name: string;
  run(args: readonly unknown[]): MapCall;
  runChunk(items: readonly (readonly unknown[])[]): MapCall;
  /** Calls back when the event loop has turned. */
  afterTurn(callback: () => void): void;
  /** @throws what `run` rejects with when an item is not an argument list. */
  check(item: unknown): void;
}

/** What a call's promise is resolved with: the value itself may look like another promise. */
export class Answer {
  readonly value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }

  static {
    cutOff(Answer);
  }
}

export interface MapCall {
  readonly result: Promise<Answer>;
  /** Rejects it unless it has settled, and aborts it in its worker. */
  abort(reason: unknown): void;
}

/** One call, and the outcomes of its items once it has settled. */
interface Batch {
  outcomes: readonly Settled[] | undefined;
}

/** What one read of the source has returned. */
class Taken {
  readonly items: unknown[];
  readonly isLast: boolean;
  readonly failure: { readonly error: unknown } | undefined;

  constructor(items: unknown[], isLast: boolean, failure?: { readonly error: unknown }) {
    this.items = items;
    this.isLast = isLast;
    this.failure = failure;
  }

  static {
    cutOff(Taken);
  }
}

/** Items between two turns of the event loop: a few milliseconds of the quickest calls. */
const ITEMS_A_TURN = 1_024;

export class Mapping implements AsyncIterableIterator<unknown, unknown, undefined> {
  readonly #iterable: unknown;
  readonly #source: Source;
  readonly #options: ResolvedMapOptions;
  readonly #calls: MapCalls;
  readonly #underWay = new Set<MapCall>();
  /** In the order of the items; without `ordered`, in the order in which they ended. */
  readonly #batches = new Fifo<Batch>();
  /** Outcomes the consumer can take. */
  readonly #ready = new Fifo<Settled>();
  readonly #errors: unknown[] = [];
  readonly #waiting = new Fifo<{ fulfil: (step: unknown) => void; fail: (error: unknown) => void }>();
  readonly #batchSize: number;
  /** Items under way or ready: at most `concurrency`. */
  #held = 0;
  /** Items of the source that were made calls, or refused. */
  #submitted = 0;
  #isReading = false;
  /** The source has been asked for an item that has not come yet. */
  #isAwaitingSource = false;
  #isExhausted = false;
  #isListening = false;
  /** Reads left until the event loop must have turned; `#turn` resolves once it has, nearly always long before. */
  #untilTurn = ITEMS_A_TURN;
  #turn: Promise<void> | undefined;
  #isOver = false;

  /** @throws TypeError when the source is not iterable. */
  constructor(source: unknown, options: ResolvedMapOptions, calls: MapCalls) {
    const iterator = sourceOf(source);
    if (iterator === undefined) {
      throw new TypeError(
        `Expected an iterable or an async iterable of argument lists to map over, received ${typeof source}`,
      );
    }
    this.#iterable = source;
    this.#source = iterator;
    this.#options = options;
    this.#calls = calls;
    this.#batchSize = Math.min(options.chunk, options.concurrency);
  }

  next(): Promise<Step> {
    return new Promise((fulfil, fail) => {
      this.#waiting.push({ fulfil: fulfil as (step: unknown) => void, fail });
      this.#listen();
      this.#deliver();
    });
  }

  async return(value?: unknown): Promise<Step> {
    await this.#end();
    return done(value);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  // --- from the source to the calls ---

  get #hasRoom(): boolean {
    const isEnding = this.#isExhausted || this.#isOver || this.#isAborted;
    return !isEnding && this.#held + this.#batchSize <= this.#options.concurrency;
  }

  async #read(): Promise<void> {
    if (this.#isReading || !this.#hasRoom) return;
    this.#isReading = true;
    while (this.#hasRoom) {
      if (--this.#untilTurn === 0) {
        await this.#letTurn();
        continue;
      }
      const { items, isLast, failure } = await this.#take(this.#batchSize);
      if (this.#isOver) break;
      if (failure !== undefined) wasGiven(failure.error);
      this.#isExhausted = isLast;
      if (failure !== undefined && this.#options.stopOnError) {
        this.#fail(failure.error);
        continue;
      }
      if (failure !== undefined) this.#errors.push(failure.error);
      if (items.length > 0) this.#submit(items);
    }
    this.#isReading = false;
    this.#deliver();
  }

  /** If source and calls always answer at once, nothing else in the host would ever run. */
  async #letTurn(): Promise<void> {
    await this.#turn;
    this.#untilTurn = ITEMS_A_TURN;
    this.#turn = new Promise((resolve) => this.#calls.afterTurn(resolve));
  }

  /** The next items of the source, fewer at its end. Never rejects. A source that threw has ended. */
  async #take(size: number): Promise<Taken> {
    const items: unknown[] = [];
    try {
      while (items.length < size && !this.#isOver) {
        this.#isAwaitingSource = true;
        const given = this.#source.next();
        const step = readStep(isThenable(given) ? await given : given);
        this.#isAwaitingSource = false;
        if (step.done) return new Taken(items, true);
        items.push(step.value);
      }
    } catch (error) {
      return new Taken(items, true, { error });
    } finally {
      this.#isAwaitingSource = false;
    }
    return new Taken(items, false);
  }

  /** An item that is not an argument list fails alone; the rest of its chunk is called. */
  #submit(items: readonly unknown[]): void {
    const batch: Batch = { outcomes: undefined };
    if (this.#options.ordered) this.#batches.push(batch);
    this.#held += items.length;
    const first = this.#submitted;
    this.#submitted += items.length;
    const lists: unknown[][] = [];
    const rejections = items.map((item) => this.#rejection(item, lists));
    const settle = (outcomes: readonly Settled[]) => {
      if (this.#isOver) return;
      let next = 0;
      batch.outcomes = rejections.map((rejection, i) =>
        placed(rejection ?? (outcomes[next++] as Settled), first + i, this.#options),
      );
      this.#queueOutcomes(batch);
      this.#deliver();
    };
    if (lists.length === 0) {
      settle([]);
      return;
    }
    const isChunk = this.#options.chunk > 1;
    const call = isChunk ? this.#calls.runChunk(lists) : this.#calls.run(lists[0] as unknown[]);
    this.#underWay.add(call);
    call.result.then(
      (answer) => {
        this.#underWay.delete(call);
        settle(isChunk ? outcomesOf(answer.value, lists.length, this.#calls.name) : [answer]);
      },
      (error: unknown) => {
        this.#underWay.delete(call);
        settle(lists.map(() => ({ error }))); // every item of a chunk fails with its call
      },
    );
  }

  #rejection(item: unknown, lists: unknown[][]): Settled | undefined {
    try {
      this.#calls.check(item);
      lists.push(item as unknown[]);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  // --- from the calls to the consumer ---

  #queueOutcomes(batch: Batch): void {
    if (!this.#options.ordered) this.#batches.push(batch);
    for (let first = this.#batches.peek(); first?.outcomes !== undefined; first = this.#batches.peek()) {
      for (const outcome of first.outcomes) this.#ready.push(outcome);
      this.#batches.shift();
    }
  }

  #deliver(): void {
    if (this.#isAborted && this.#waiting.size > 0) {
      wasGiven(this.#options.run.signal?.reason);
      this.#fail(this.#options.run.signal?.reason);
    }
    while (this.#waiting.size > 0 && this.#ready.size > 0) {
      const outcome = this.#ready.shift() as Settled;
      this.#held--;
      if (owns(outcome, "value")) this.#waiting.shift()?.fulfil(item(outcome.value));
      else if (this.#options.stopOnError) this.#fail(outcome.error);
      else this.#errors.push(outcome.error);
    }
    const isDone = this.#isExhausted && this.#held === 0;
    if (isDone || this.#isOver) this.#finish();
    else void this.#read();
  }

  /** Nothing is under way any more, and nothing is left to deliver. */
  #finish(): void {
    this.#isOver = true;
    this.#unlisten();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#errors.length === 0) next.fulfil(done(undefined));
      else {
        const errors = this.#errors.splice(0);
        if (this.#options.settled)
          rejectNamed(next, errors[0]); // the source itself failed
        else rejectNamed(next, ours(new AggregateError(errors, "Some items of a map failed")));
      }
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    const first = this.#waiting.shift();
    if (first === undefined) {
      this.#ready.push({ error }); // for the next `next()`
      this.#held++;
      return;
    }
    rejectNamed(first, error);
    this.#end().catch(() => {}); // the first error has been reported
  }

  /** Stops reading, and aborts what is under way. */
  async #end(): Promise<void> {
    if (this.#isOver) return;
    this.#errors.length = 0;
    this.#finish();
    this.#ready.clear();
    this.#abort(new DOMException("The map has ended", "AbortError"));
    if (this.#isExhausted) return;
    const isAwaitingSource = this.#isAwaitingSource;
    const ended = this.#endSource();
    if (!isAwaitingSource) return ended;
    // A generator handles `return` only after its pending await, which may never settle.
    ended.catch(() => {});
    abandon(this.#iterable);
  }

  async #endSource(): Promise<void> {
    await endSource(this.#source);
  }

  #abort(reason: unknown): void {
    for (const call of this.#underWay) call.abort(reason);
  }

  // --- the caller's signal ---

  get #isAborted(): boolean {
    return this.#options.run.signal?.aborted === true;
  }

  /** Only from the first `next()` on, so that an unused map leaves no listener behind. */
  #listen(): void {
    const { signal } = this.#options.run;
    if (this.#isListening || this.#isOver || signal === undefined) return;
    this.#isListening = true;
    signal.addEventListener("abort", this.#onAbort, ONCE);
  }

  #unlisten(): void {
    if (this.#isListening) this.#options.run.signal?.removeEventListener("abort", this.#onAbort);
    this.#isListening = false;
  }

  /** Ends the map at once, even while the source is pending. */
  readonly #onAbort = (): void => {
    this.#abort(this.#options.run.signal?.reason);
    this.#deliver();
  };
}
