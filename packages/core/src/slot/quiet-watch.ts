/**
 * Notices when a worker that has tasks goes quiet: finished results may be in its journal while the next task blocks it.
 * Checks soon, then ever more rarely; inactive while the worker is idle.
 */
import type { Runtime, Timer } from "../port/runtime.ts";

export interface QuietEvents {
  isBusy(): boolean;
  /** Reads the journal; returns whether it had anything new. */
  look(): boolean;
}

/** In ms. A check reads a few kilobytes, or some dozens of bytes where the journal is mapped. */
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

  /** The worker has been given a task. */
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
    // What was read may have settled its last task, or ended the worker.
    if (this.#events.isBusy() && this.#timer === undefined) this.#wait();
  }
}
