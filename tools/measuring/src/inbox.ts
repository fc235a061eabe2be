/** The messages of a process that was started, in their order, for the program that waits for them. */

export class Inbox<M> {
  readonly #messages: M[] = [];
  #isOver = false;
  #wake: () => void = () => {};

  add(message: M): void {
    this.#messages.push(message);
    this.#wake();
  }

  /** No more will come. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** The next; or that none will come, or has come for so long, in ms. */
  async next(silence: number): Promise<M | "ended" | "silent"> {
    const deadline = performance.now() + silence;
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      if (this.#isOver) return "ended";
      const left = deadline - performance.now();
      if (left <= 0) return "silent";
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
