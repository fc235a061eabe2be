/** The end of a pool: one promise, and the deadlines that make sure it resolves (G7). */
import { MAX_TIMER_MS, type Runtime, type Timer } from "../port/runtime.ts";

/** The shares of `close({ timeout })` after which what still runs gets SIGTERM, and SIGKILL: the rest is for its exit. */
const SIGTERM_AT = 0.9;
const SIGKILL_AT = 0.98;
/** A process that has not ended this long after SIGKILL is stuck in the kernel, and no signal will end it. */
const UNKILLABLE_MS = 1_000;

export class Closing {
  readonly promise: Promise<void>;
  readonly #runtime: Runtime;
  readonly #onFinished: () => void;
  readonly #timers: Timer[] = [];
  #resolve!: () => void;
  #isFinished = false;

  constructor(runtime: Runtime, onFinished: () => void) {
    this.#runtime = runtime;
    this.#onFinished = onFinished;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Hardens step by step, so that the promise resolves within `timeout` ms. */
  escalate(timeout: number, steps: { terminate: () => void; kill: () => void }): void {
    this.#after(timeout * SIGTERM_AT, steps.terminate);
    this.#after(timeout * SIGKILL_AT, steps.kill);
    this.giveUpAfter(timeout * SIGKILL_AT);
  }

  /** Resolves in any case soon after a SIGKILL that is sent in `ms`. */
  giveUpAfter(ms: number): void {
    this.#after(ms + UNKILLABLE_MS, () => this.finish());
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    for (const timer of this.#timers) timer.cancel();
    this.#onFinished();
    this.#resolve();
  }

  #after(ms: number, callback: () => void): void {
    if (ms <= MAX_TIMER_MS) this.#timers.push(this.#runtime.startTimer(ms, callback));
  }
}
