/** One `pool.restart()`: the workers to replace, and the promise that resolves when they are gone. */
import type { Slot } from "../slot/slot.ts";

export class RollingRestart {
  readonly promise: Promise<void>;
  readonly #old = new Set<Slot>();
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  add(slots: Iterable<Slot>): void {
    for (const slot of slots) this.#old.add(slot);
  }

  /** Returns whether all of them are gone. */
  onGone(slot?: Slot): boolean {
    if (slot !== undefined) this.#old.delete(slot);
    if (this.#old.size > 0) return false;
    this.#resolve();
    return true;
  }

  /** A replacement could not be started: the remaining old workers stay. */
  fail(error: Error): void {
    for (const slot of this.#old) slot.keep();
    this.#reject(error);
  }
}
