/** A clock that moves when told: timers fire in order of their time, never by themselves. */
import type { Timer } from "../../src/port/runtime.ts";

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers that fire at one moment: more are one that is started again without time passing, for ever. */
const MOST_AT_ONCE = 1_000;

export class FakeClock {
  now = 0;
  /** Timers that would keep the host alive. */
  readonly referenced = new Set<Pending>();
  readonly #pending = new Set<Pending>();

  /** Timers that have neither fired nor been cancelled. */
  get pending(): number {
    return this.#pending.size;
  }

  startTimer(ms: number, callback: () => void): Timer {
    const timer: Pending = { at: this.now + ms, callback };
    this.#pending.add(timer);
    return {
      cancel: () => {
        this.#pending.delete(timer);
        this.referenced.delete(timer);
      },
      ref: () => void (this.#pending.has(timer) && this.referenced.add(timer)),
      unref: () => void this.referenced.delete(timer),
    };
  }

  /** Moves on by `ms`, letting everything settle after each timer that fires on the way. */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    let firedNow = 0;
    await settled();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      firedNow = next.at > this.now ? 0 : firedNow + 1;
      if (firedNow > MOST_AT_ONCE)
        throw new Error(`Expected time to move on from ${this.now}: a timer starts itself`);
      this.now = Math.max(this.now, next.at);
      this.#pending.delete(next);
      this.referenced.delete(next);
      next.callback();
      await settled();
    }
    this.now = end;
  }

  #next(end: number): Pending | undefined {
    let next: Pending | undefined;
    for (const timer of this.#pending)
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  }
}

/** Until every promise that can settle by itself has: one turn of the real event loop. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
