/**
 * The consuming end of a flow of items: an async iterator that is fed from the other side of the channel and asks for
 * more as its items are taken. At most WINDOW items are in transit or wait here, so a slow consumer pauses the
 * producer. Both sides use it: the host for a stream, the worker for an iterable argument.
 */
import { owns } from "../bare.ts";
import { rejectNamed } from "../call-site.ts";
import { WINDOW } from "../wire/frame.ts";
import { Fifo } from "./fifo.ts";
import { done, item as itemStep, type Step } from "./step.ts";

export interface ReceiverEvents {
  /** Grants the other side so many more items. The first call comes with the first `next()`. */
  pull(count: number): void;
  /** The consumer stops before the end: resolves when the producer has ended. */
  stop(): Promise<void>;
}

interface Waiting {
  readonly promise: Promise<Step>;
  readonly resolve: (step: Step | Promise<Step>) => void;
}

type End = { readonly error: unknown } | { readonly value: unknown };

const DONE: Step = done(undefined);

export class Receiver implements AsyncIterableIterator<unknown, unknown, undefined> {
  readonly #events: ReceiverEvents;
  readonly #items: unknown[] = [];
  readonly #waiting = new Fifo<Waiting>();
  /** Items asked for that have not arrived yet. */
  #owed = 0;
  #end: End | undefined;

  constructor(events: ReceiverEvents) {
    this.#events = events;
  }

  /** An item asked for has not arrived yet. */
  get isOwed(): boolean {
    return this.#owed > 0;
  }

  /** All the items asked for have arrived and wait here: the producer pauses until the consumer continues. */
  get isFull(): boolean {
    return this.#owed === 0;
  }

  next(): Promise<Step> {
    if (this.#items.length > 0) {
      const step = itemStep(this.#items.shift());
      this.#ask();
      return Promise.resolve(step);
    }
    if (this.#end !== undefined) return this.#deliverEnd(this.#end);
    let wait: Waiting["resolve"] = () => {};
    const promise = new Promise<Step>((resolve) => {
      wait = resolve;
    });
    this.#waiting.push({ promise, resolve: wait });
    this.#ask();
    return promise;
  }

  async return(value?: unknown): Promise<Step> {
    const wasOver = this.#end !== undefined;
    this.#items.length = 0;
    this.#close({ value: undefined });
    this.#end = { value: undefined };
    if (!wasOver) await this.#events.stop();
    return done(value);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  push(item: unknown): void {
    this.#owed--;
    if (this.#end !== undefined) return;
    const first = this.#waiting.shift();
    if (first === undefined) {
      this.#items.push(item);
      return;
    }
    first.resolve(itemStep(item));
    this.#ask();
  }

  /** Ends the flow once the waiting items are taken. */
  end(value: unknown): void {
    this.#close({ value });
  }

  /** Fails the flow once the waiting items are taken. */
  fail(error: unknown): void {
    this.#close({ error });
  }

  /** Fails the flow at once: waiting items are dropped. */
  abort(error: unknown): void {
    if (this.#items.length > 0) this.#end = undefined; // an end queued behind them would hide that they are missing
    this.#items.length = 0;
    this.#close({ error });
  }

  /** The same, but a `next()` whose promise nobody looks at any more does not become an unhandled rejection. */
  revoke(error: unknown): void {
    this.#waiting.peek()?.promise.catch(() => {});
    this.abort(error);
  }

  #ask(): void {
    const room = WINDOW - this.#owed - this.#items.length;
    if (this.#end !== undefined || room < WINDOW / 2) return;
    this.#owed += room;
    this.#events.pull(room);
  }

  #close(end: End): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      next.resolve(this.#deliverEnd(this.#end));
    }
  }

  /** The first request gets the error or the returned value; later ones only learn that it is over. */
  #deliverEnd(end: End): Promise<Step> {
    this.#end = { value: undefined };
    if (owns(end, "error"))
      return new Promise((fulfil) => rejectNamed({ fulfil: fulfil as (value: unknown) => void }, end.error));
    return Promise.resolve(end.value === undefined ? DONE : done(end.value));
  }
}
