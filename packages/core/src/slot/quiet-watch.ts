/**
 * Notices that a worker which has tasks has gone quiet: what it has finished may lie in its journal while the next task
 * blocks it. Looks soon, then ever more rarely; silent while the worker has nothing to do.
 */
import type { Runtime, Timer } from "../port/runtime.ts";

export interface QuietEvents {
  isBusy(): boolean;
  /** Looks into the journal; returns whether there was something. */
  look(): boolean;
}

/** In ms: a look reads some dozens of bytes. */
const FIRST_LOOK_MS = 10;
const SLOWEST_LOOK_MS = 160;

export class QuietWatch {
  readonly #runtime: Runtime;
  readonly #events: QuietEvents;
  #timer: Timer | undefined;
  #every = FIRST_LOOK_MS;
  #wasHeard = false;

  constructor(runtime: Runtime, events: QuietEvents) {
    this.#runtime = runtime;
    this.#events = events;
  }

  /** The worker has something to do. */
  begin(): void {
    if (this.#timer !== undefined) return;
    this.#every = FIRST_LOOK_MS;
    this.#wait();
  }

  /** It has sent something. */
  heard(): void {
    this.#wasHeard = true;
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    this.#wasHeard = false;
    this.#timer = this.#runtime.startTimer(this.#every, () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    if (!this.#events.isBusy()) return;
    const isTalking = this.#wasHeard || this.#events.look();
    this.#every = isTalking ? FIRST_LOOK_MS : Math.min(this.#every * 2, SLOWEST_LOOK_MS);
    // What was found may have been all that it had to do, or its end.
    if (this.#events.isBusy() && this.#timer === undefined) this.#wait();
  }
}
