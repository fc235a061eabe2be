/**
 * What the host's event loop says of time. For how long it has been blocked: by a computation, because the process was
 * stopped, or because the machine was suspended. Meanwhile nothing was read or sent, so no limit may count that time. Active
 * only while a limit is; limit.ts subtracts the time. And the moment: the clock, read once for what follows in one go.
 */
import { inMicrotask } from "../microtask.ts";
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
  /** Undefined once it is of no use. */
  #moment: number | undefined;

  constructor(runtime: LoopRuntime) {
    this.#runtime = runtime;
  }

  get runtime(): LoopRuntime {
    return this.#runtime;
  }

  /** What the clock says. */
  read(): number {
    if (this.#moment === undefined) inMicrotask(this.#forget);
    this.#moment = this.#runtime.now();
    return this.#moment;
  }

  /**
   * What it said when it was last read in this go, which ends with the next microtask. A reading costs Deno a tenth of a call,
   * and a hundred answers come at once.
   */
  moment(): number {
    return this.#moment ?? this.read();
  }

  readonly #forget = (): void => {
    this.#moment = undefined;
  };

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
