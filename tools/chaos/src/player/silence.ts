/**
 * Distinguishes a program that hangs from one that is slow: nothing has arrived for too long. Counted in turns of the
 * loop, so that time in which this process was blocked is not silence. Nor is the time in which a worker starts or ends, which
 * has limits of its own and takes seconds on a busy machine. A worker that exceeds these keeps the player from answering, and
 * player-process.ts ends it.
 */

const TURN_MS = 100;

export class Silence {
  readonly #mostTurns: number;
  readonly #isChanging: () => boolean;
  #turns = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param isChanging A worker starts or ends. */
  constructor(ms: number, isChanging: () => boolean) {
    this.#mostTurns = Math.ceil(ms / TURN_MS);
    this.#isChanging = isChanging;
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
        if (!this.#isChanging() && ++this.#turns > this.#mostTurns) resolve(false);
      }, TURN_MS);
    });
    try {
      return await Promise.race([work.then(() => true), silence]);
    } finally {
      clearInterval(this.#timer);
    }
  }
}
