/**
 * Distinguishes a program that hangs from one that is slow: nothing has arrived for too long. Counted in turns of the
 * loop, so that time in which this process was blocked is not silence. Nor is the time in which a worker starts: that
 * has its own limit, and with cold caches a start takes seconds.
 */

const TURN_MS = 100;

export class Silence {
  readonly #mostTurns: number;
  readonly #isStarting: () => boolean;
  #turns = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(ms: number, isStarting: () => boolean) {
    this.#mostTurns = Math.ceil(ms / TURN_MS);
    this.#isStarting = isStarting;
  }

  /** Reports that something has arrived. */
  break(): void {
    this.#turns = 0;
  }

  /** Whether it ended before the silence was too long. */
  async over(work: Promise<unknown>): Promise<boolean> {
    this.#turns = 0;
    const silence = new Promise<boolean>((resolve) => {
      this.#timer = setInterval(() => {
        if (!this.#isStarting() && ++this.#turns > this.#mostTurns) resolve(false);
      }, TURN_MS);
    });
    try {
      return await Promise.race([work.then(() => true), silence]);
    } finally {
      clearInterval(this.#timer);
    }
  }
}
