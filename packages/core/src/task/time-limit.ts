/**
 * The time limit of a call: for waiting in the queue, for running, or for its back-off; one of these at a time. Owns which
 * one is active. task.ts decides when it stands still, because a stream waits for its consumer (`onItem`, `pull`), and what
 * happens when it expires.
 */
import { Limit } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import { RunLimit, type RunLimitEvents } from "./run-limit.ts";

export interface TimeLimitEvents extends RunLimitEvents {
  /** Its `queueTimeout` has expired. */
  onWaitedTooLong(): void;
  /** Its back-off is over. */
  onRested(): void;
}

export class TimeLimit {
  readonly #loop: LoopWatch;
  readonly #events: TimeLimitEvents;
  #active: Limit | RunLimit | undefined;

  constructor(loop: LoopWatch, events: TimeLimitEvents) {
    this.#loop = loop;
    this.#events = events;
  }

  /** This and the next two replace the active limit. In ms; Infinity for none. */
  wait(queueTimeout: number): void {
    this.cancel();
    if (queueTimeout === Number.POSITIVE_INFINITY) return;
    this.#active = new Limit(this.#loop, queueTimeout, () => this.#events.onWaitedTooLong());
  }

  /** @param patience How long its worker may leave it unstarted, in ms. */
  run(timeout: number, patience: number): void {
    this.cancel();
    if (timeout !== Number.POSITIVE_INFINITY)
      this.#active = new RunLimit(this.#loop, timeout, patience, this.#events);
  }

  rest(delay: number): void {
    this.cancel();
    this.#active = new Limit(this.#loop, delay, () => this.#events.onRested());
  }

  /** Pauses it until `resume`. */
  pause(): void {
    this.#active?.pause();
  }

  resume(): void {
    this.#active?.resume();
  }

  cancel(): void {
    this.#active?.cancel();
    this.#active = undefined;
  }
}
