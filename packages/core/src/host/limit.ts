/**
 * A time limit that counts only while the host's event loop turns. Before it expires, the loop turns once more, so that
 * what has arrived meanwhile is read first. It can be paused, for the time a stream waits for its consumer. Its owner
 * decides what happens when it expires.
 */
import type { Timer } from "../port/runtime.ts";
import type { LoopWatch } from "./loop-watch.ts";

/** After the loop was blocked, it gets this long to read what has arrived, in ms. */
const LAST_LOOK_MS = 10;

export class Limit {
  readonly #watch: LoopWatch;
  readonly #onOver: () => void;
  #left: number;
  #timer: Timer | undefined;
  /** When the timer was set, and how long the loop had been blocked in total by then. */
  #since = 0;
  #blockedMs = 0;
  #isLastLook = false;

  /** @param ms Not Infinity. */
  constructor(watch: LoopWatch, ms: number, onOver: () => void) {
    this.#watch = watch;
    this.#onOver = onOver;
    this.#left = ms;
    this.resume();
  }

  /** Pauses it until `resume`. */
  pause(): void {
    if (this.#timer === undefined) return;
    this.#left -= this.#spent();
    this.cancel();
  }

  resume(): void {
    if (this.#timer !== undefined) return;
    this.#watch.hold();
    this.#set(Math.max(0, this.#left));
  }

  cancel(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#watch.release();
  }

  #set(ms: number): void {
    this.#since = this.#watch.runtime.now();
    this.#blockedMs = this.#watch.blockedMs();
    this.#timer = this.#watch.runtime.startTimer(ms, () => this.#look());
  }

  /** The time since the timer was set, without the time the loop was blocked. */
  #spent(): number {
    const blockedMs = this.#watch.blockedMs() - this.#blockedMs;
    return Math.max(0, this.#watch.runtime.now() - this.#since - blockedMs);
  }

  #look(): void {
    const wasBlocked = this.#watch.blockedMs() > this.#blockedMs;
    this.#left -= this.#spent();
    if (this.#left > 0) this.#set(Math.max(LAST_LOOK_MS, this.#left));
    else if (wasBlocked && !this.#isLastLook) {
      this.#isLastLook = true; // a loop that is always busy must not postpone it for ever
      this.#set(LAST_LOOK_MS);
    } else {
      // A late loop may run one timer right after another without reading anything in between.
      const timer = this.#timer;
      this.#watch.runtime.afterTurn(() => {
        if (this.#timer !== timer) return; // cancelled, or paused
        this.cancel();
        this.#onOver();
      });
    }
  }
}

/** Undefined for Infinity. */
export function limitOf(watch: LoopWatch, ms: number, onOver: () => void): Limit | undefined {
  return ms === Number.POSITIVE_INFINITY ? undefined : new Limit(watch, ms, onOver);
}
