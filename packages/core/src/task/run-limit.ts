/**
 * The `timeout` of a running task. It starts when the worker starts the task, which may be later than it was sent, and does
 * not expire while bytes from the worker are still in transit. Owns when to check for both; limit.ts counts the time.
 */
import { Limit } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { AttemptStatus } from "./request.ts";

export interface RunLimitEvents {
  /** Reads what the worker has written; undefined when that settled the task. */
  catchUp(): AttemptStatus | undefined;
  /** It ran longer than its timeout. */
  onOver(): void;
  /** Its worker has it but does not start it. */
  onStuck(): void;
}

/**
 * Time until the first check whether the worker has started the task, and between two checks, in ms. If the first check
 * finds it started, its run time counts from when it was sent. A task that settles earlier costs no check.
 */
const LOOK_MS = 10;

export class RunLimit {
  readonly #loop: LoopWatch;
  readonly #timeout: number;
  readonly #events: RunLimitEvents;
  /** How long the worker may leave it unstarted, or be behind, in ms. */
  #patience: number;
  #limit: Limit;

  /** @param timeout In ms, not Infinity. */
  constructor(loop: LoopWatch, timeout: number, patience: number, events: RunLimitEvents) {
    this.#loop = loop;
    this.#timeout = timeout;
    this.#patience = patience;
    this.#events = events;
    const first = Math.min(timeout, LOOK_MS);
    this.#limit = new Limit(loop, first, () => this.#look(Math.max(timeout - first, first)));
  }

  pause(): void {
    this.#limit.pause();
  }

  resume(): void {
    this.#limit.resume();
  }

  cancel(): void {
    this.#limit.cancel();
  }

  /** @param left How long it may still run, if it has begun. */
  #look(left: number): void {
    const status = this.#events.catchUp();
    if (status === undefined) return;
    if (status.hasBegun) this.#wait(left, () => this.#end());
    else if (this.#patience <= 0) this.#events.onStuck();
    else this.#lookAgain(() => this.#look(this.#timeout));
  }

  #end(): void {
    const status = this.#events.catchUp();
    if (status === undefined) return;
    if (status.isBehind && this.#patience > 0) this.#lookAgain(() => this.#end());
    else this.#events.onOver();
  }

  #lookAgain(then: () => void): void {
    this.#patience -= LOOK_MS;
    this.#wait(LOOK_MS, then);
  }

  #wait(ms: number, then: () => void): void {
    this.#limit = new Limit(this.#loop, ms, then);
  }
}
