/**
 * Checks whether a worker that has tasks still responds: a ping every half `hangTimeout`, answered by its event loop. Any
 * byte it sends counts as an answer. Inactive while the worker is idle.
 */
import { Limit } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";

export interface HeartbeatEvents {
  isBusy(): boolean;
  ping(): void;
  /** It has not answered for `hangTimeout`. */
  onHung(): void;
}

export class Heartbeat {
  readonly #loop: LoopWatch;
  readonly #timeout: number;
  readonly #events: HeartbeatEvents;
  #limit: Limit | undefined;
  #wasHeard = false;

  constructor(loop: LoopWatch, timeout: number, events: HeartbeatEvents) {
    this.#loop = loop;
    this.#timeout = timeout;
    this.#events = events;
  }

  /** The worker has been given a task. */
  begin(): void {
    if (this.#limit === undefined && this.#timeout !== Number.POSITIVE_INFINITY) this.#ask();
  }

  /** It has sent something. */
  heard(): void {
    this.#wasHeard = true;
  }

  end(): void {
    this.#limit?.cancel();
    this.#limit = undefined;
  }

  #ask(): void {
    this.#wasHeard = false;
    this.#events.ping();
    this.#wait(() => {
      if (this.#wasHeard) this.#ask();
      else this.#wait(() => (this.#wasHeard ? this.#ask() : this.#events.onHung()));
    });
  }

  /** Waits for half of the timeout. */
  #wait(then: () => void): void {
    this.#limit = new Limit(this.#loop, this.#timeout / 2, () => {
      this.#limit = undefined;
      if (this.#events.isBusy()) then();
    });
  }
}
