/**
 * The host's clock. Owns how long a reading may be used again: until the next microtask or the next call of the application's
 * code, so that the many answers that come in one chunk share one. In Deno a reading costs a tenth of a call.
 */
import { callsSoFar } from "../call-safely.ts";
import { inMicrotask } from "../microtask.ts";
import type { Runtime } from "../port/runtime.ts";

export class HostClock {
  readonly #runtime: Pick<Runtime, "now">;
  #last: number | undefined;
  #callsThen = 0;

  constructor(runtime: Pick<Runtime, "now">) {
    this.#runtime = runtime;
  }

  /** Reads the clock, in ms. */
  now(): number {
    if (this.#last === undefined) inMicrotask(this.#forget);
    this.#callsThen = callsSoFar();
    this.#last = this.#runtime.now();
    return this.#last;
  }

  /** The last reading, or a new one if a microtask or the application's code has run since. */
  recent(): number {
    return this.#last !== undefined && this.#callsThen === callsSoFar() ? this.#last : this.now();
  }

  readonly #forget = (): void => {
    this.#last = undefined;
  };
}
