/**
 * The time that a running task has: it begins when its worker comes to it, which may be later than it was sent, and is not
 * over while what the worker has said is still on its way. Owns when that is looked at; limit.ts counts.
 */
import { Limit } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { AttemptStatus } from "./request.ts";

export interface RunLimitEvents {
  /** Hears what the worker has written; undefined when the task is over by that. */
  catchUp(): AttemptStatus | undefined;
  /** It ran for so long. */
  onOver(): void;
  /** Its worker has it and does not come to it. */
  onStuck(): void;
}

/**
 * After the task was sent, and between two looks at whether its worker has come to it, in ms. If it has at the first look,
 * it has since it was sent, as nearly always. A task that is over by then costs no look.
 */
const LOOK_MS = 10;

export class RunLimit {
  readonly #loop: LoopWatch;
  readonly #timeout: number;
  readonly #events: RunLimitEvents;
  /** How long the worker may leave it lying, or be behind, in ms. */
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

  /** `left`: how long it may run from now on, if it has begun. */
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
