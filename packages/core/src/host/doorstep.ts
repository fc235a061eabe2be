/**
 * The connections at one socket that have not said a valid Hello. Owns how many may wait, and how long. Whoever can reach
 * the socket can open any number of them; acceptor.ts reads what they say.
 *
 * Where too many wait, the oldest are closed, once the loop has turned: what has arrived by then is read first, and a
 * worker says its Hello as soon as it is connected. One that was closed all the same comes again (worker/knock.ts).
 */
import type { Channel } from "../port/runtime.ts";
import { Limit } from "./limit.ts";
import type { LoopWatch } from "./loop-watch.ts";

/** A connection without a Hello is closed after this. Not counted while the host is stopped or blocked: it reads none then. */
const HELLO_MS = 10_000;
/** How many may wait besides the workers that are expected. */
const STRANGERS = 32;
/** How many more the turn of the loop may add before the oldest are closed at once. */
const IN_ONE_TURN = 256;

export interface WaitingConnection {
  readonly channel: Channel;
  readonly deadline: Limit;
  isRejected: boolean;
}

export class Doorstep {
  readonly #watch: LoopWatch;
  readonly #expected: () => number;
  /** The oldest first. */
  readonly #waiting = new Set<WaitingConnection>();
  #isSweeping = false;

  /** @param expected The number of workers that may still come. */
  constructor(watch: LoopWatch, expected: () => number) {
    this.#watch = watch;
    this.#expected = expected;
  }

  add(channel: Channel): WaitingConnection {
    const deadline = new Limit(this.#watch, HELLO_MS, () => this.reject(waiting));
    const waiting: WaitingConnection = { channel, deadline, isRejected: false };
    this.#waiting.add(waiting);
    const limit = STRANGERS + this.#expected();
    if (this.#waiting.size > limit + IN_ONE_TURN) this.#shrinkTo(limit + IN_ONE_TURN);
    else if (this.#waiting.size > limit && !this.#isSweeping) {
      this.#isSweeping = true;
      this.#watch.runtime.afterTurn(() => {
        this.#isSweeping = false;
        this.#shrinkTo(STRANGERS + this.#expected());
      });
    }
    return waiting;
  }

  /** It waits no longer: it has said who it is, or is gone. */
  remove(waiting: WaitingConnection): void {
    waiting.deadline.cancel();
    this.#waiting.delete(waiting);
  }

  reject(waiting: WaitingConnection): void {
    this.remove(waiting);
    waiting.isRejected = true;
    waiting.channel.close();
  }

  #shrinkTo(size: number): void {
    for (const waiting of this.#waiting) {
      if (this.#waiting.size <= size) return;
      this.reject(waiting);
    }
  }
}
