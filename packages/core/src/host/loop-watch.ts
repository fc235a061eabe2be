/**
 * How long the host's event loop has been blocked: by a computation, because the process was stopped, or because the
 * machine was suspended. Meanwhile nothing was read or sent, so no limit may count that time. Active only while a limit
 * is; limit.ts subtracts the time.
 */
import type { Runtime, Timer } from "../port/runtime.ts";

type LoopRuntime = Pick<Runtime, "now" | "startTimer" | "afterTurn">;

/** Interval between two checks, in ms: at most this much blocked time goes unnoticed. */
const LOOK_MS = 20;
/** A loop that is late by up to this is only busy, in ms. */
const BUSY_MS = 10;

export class LoopWatch {
  readonly #runtime: LoopRuntime;
  #holders = 0;
  #timer: Timer | undefined;
  #due = 0;
  #blockedMs = 0;

  constructor(runtime: LoopRuntime) {
    this.#runtime = runtime;
  }

  get runtime(): LoopRuntime {
    return this.#runtime;
  }

  /** Watches the loop until each `hold` is released. */
  hold(): void {
    this.#holders++;
    if (this.#timer === undefined) this.#look();
  }

  release(): void {
    this.#holders--;
  }

  /** Total blocked time so far, in ms; it grows only while held. */
  blockedMs(): number {
    const late = this.#timer === undefined ? 0 : this.#late();
    if (late > 0) {
      this.#timer?.cancel(); // it may never fire: fake timers of Bun take those of the runtime itself, and drop them
      this.#blockedMs += late;
      this.#look();
    }
    return this.#blockedMs;
  }

  #late(): number {
    const late = this.#runtime.now() - this.#due;
    return late > BUSY_MS ? late : 0;
  }

  #look(): void {
    this.#due = this.#runtime.now() + LOOK_MS;
    this.#timer = this.#runtime.startTimer(LOOK_MS, () => {
      this.#blockedMs += this.#late();
      this.#timer = undefined;
      if (this.#holders > 0) this.#look();
    });
  }
}
