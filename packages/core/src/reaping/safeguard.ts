/**
 * Something that protects the workers, and may fail for reasons of the machine, such as a full disk: that costs the protection and
 * one warning, never a worker or a call. Owns that the warning is given once: the first reason says most.
 */
import { messageOf } from "../message-of.ts";
import type { Runtime } from "../port/runtime.ts";

export class Safeguard {
  readonly #runtime: Pick<Runtime, "warn">;
  readonly #warning: (reason: string) => string;
  #hasWarned = false;

  /** @param warning What is lost, for a reason. */
  constructor(runtime: Pick<Runtime, "warn">, warning: (reason: string) => string) {
    this.#runtime = runtime;
    this.#warning = warning;
  }

  /** Returns undefined when it threw. */
  attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.warn(error);
      return undefined;
    }
  }

  warn(cause: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#runtime.warn(this.#warning(messageOf(cause)));
  }
}
