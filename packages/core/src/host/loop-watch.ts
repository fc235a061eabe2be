/**
 * How long the host's event loop has stood still: because something in it computed, because the process was stopped, or
 * the machine suspended. Nothing that came meanwhile has been heard, and nothing has been sent, so no limit may count it.
 * Looks only while somebody counts a limit; what is done with the time is limit.ts.
 */
import type { Runtime, Timer } from "../port/runtime.ts";

type LoopRuntime = Pick<Runtime, "now" | "startTimer" | "afterTurn">;

/** From one look to the next, in ms: of a standstill so much at most goes unseen. */
const LOOK_MS = 20;
/** A loop that comes so late is only busy, in ms. */
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

  /** For as long as somebody has not released it. */
  hold(): void {
    this.#holders++;
    if (this.#timer === undefined) this.#look();
  }

  release(): void {
    this.#holders--;
  }

  /** All of it so far, in ms; it grows only while it is held. */
  blockedMs(): number {
    return this.#blockedMs + (this.#timer === undefined ? 0 : this.#late());
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
