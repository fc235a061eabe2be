/**
 * The time a call has: to wait for a worker, to run, to rest before it is made again; one of these at a time. Owns which
 * is in force, and that it stands still while a stream waits for its consumer; what follows when it is over is the task's.
 */
import { Limit } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import { RunLimit, type RunLimitEvents } from "./run-limit.ts";

export interface TimeLimitEvents extends RunLimitEvents {
  /** It has waited for a worker for as long as it may. */
  onWaitedTooLong(): void;
  onRested(): void;
}

export class TimeLimit {
  readonly #loop: LoopWatch;
  readonly #events: TimeLimitEvents;
  #inForce: Limit | RunLimit | undefined;

  constructor(loop: LoopWatch, events: TimeLimitEvents) {
    this.#loop = loop;
    this.#events = events;
  }

  /** For each of these in ms; Infinity for none. Replaces what is in force. */
  wait(queueTimeout: number): void {
    this.cancel();
    if (queueTimeout === Number.POSITIVE_INFINITY) return;
    this.#inForce = new Limit(this.#loop, queueTimeout, () => this.#events.onWaitedTooLong());
  }

  /** @param patience How long its worker may leave it lying beyond its own time. */
  run(timeout: number, patience: number): void {
    this.cancel();
    if (timeout !== Number.POSITIVE_INFINITY)
      this.#inForce = new RunLimit(this.#loop, timeout, patience, this.#events);
  }

  rest(delay: number): void {
    this.cancel();
    this.#inForce = new Limit(this.#loop, delay, () => this.#events.onRested());
  }

  /** It stands still until `resume`. */
  pause(): void {
    this.#inForce?.pause();
  }

  resume(): void {
    this.#inForce?.resume();
  }

  cancel(): void {
    this.#inForce?.cancel();
    this.#inForce = undefined;
  }
}
