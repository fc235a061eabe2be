/**
 * Asks workers to leave that have been idle for `idleTimeout`. Owns the one timer for all of them, armed only while one may
 * have to leave: it costs a busy pool nothing. Which workers are surplus is up to the supervisor.
 */
import type { Runtime, Timer } from "../port/runtime.ts";
import type { Slot } from "../slot/slot.ts";

export class IdleSweep {
  readonly #clock: Pick<Runtime, "now" | "startTimer">;
  readonly #idleTimeout: number;
  readonly #surplus: () => readonly Slot[];
  #timer: Timer | undefined;

  /** @param surplus Idle workers that are not needed, in the order in which they should leave. */
  constructor(
    clock: Pick<Runtime, "now" | "startTimer">,
    idleTimeout: number,
    surplus: () => readonly Slot[],
  ) {
    this.#clock = clock;
    this.#idleTimeout = idleTimeout;
    this.#surplus = surplus;
  }

  /** Call whenever a worker may have become surplus. */
  arm(): void {
    if (this.#timer !== undefined || this.#idleTimeout === Number.POSITIVE_INFINITY) return;
    const idle = this.#surplus();
    if (idle.length === 0) return;
    const first = Math.min(...idle.map((slot) => slot.idleSince));
    const wait = Math.max(0, first + this.#idleTimeout - this.#clock.now());
    this.#timer = this.#clock.startTimer(Math.ceil(wait), () => this.#sweep());
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    for (const slot of this.#surplus())
      if (slot.idleSince + this.#idleTimeout <= now) slot.stop("idle", "ask"); // computed like `wait`, so that rounding can't disagree
    this.arm();
  }
}
