/** Counts calls, and how they ended; keeps the host alive while one is pending. */
import type { KeepAlive } from "./keep-alive.ts";

export class Ledger {
  pending = 0;
  completed = 0;
  failed = 0;
  readonly #keepAlive: KeepAlive;

  constructor(keepAlive: KeepAlive) {
    this.#keepAlive = keepAlive;
  }

  onAccepted(): void {
    this.pending++;
    this.#keepAlive.hold();
  }

  onSettled(isFulfilled: boolean): void {
    this.pending--;
    if (isFulfilled) this.completed++;
    else this.failed++;
    this.#keepAlive.release();
  }

  get submitted(): number {
    return this.pending + this.completed + this.failed;
  }
}
