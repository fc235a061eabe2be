/** The end of a pool: one promise, and the deadlines that make sure it resolves. */
import { MAX_TIMER_MS, type Runtime, type Timer } from "../port/runtime.ts";

/** So long before the deadline of `close` what still runs gets SIGTERM, and SIGKILL: at most these shares of it. */
const SIGTERM_BEFORE = { ms: 500, share: 0.1 };
const SIGKILL_BEFORE = { ms: 100, share: 0.02 };
/** A process that has not ended this long after SIGKILL is stuck in the kernel, and no signal will end it. */
const UNKILLABLE_MS = 1_000;

export class Closing {
  readonly promise: Promise<void>;
  readonly #runtime: Runtime;
  readonly #onFinished: () => Promise<void>;
  readonly #timers: Timer[] = [];
  #resolve!: () => void;
  #isFinished = false;

  constructor(runtime: Runtime, onFinished: () => Promise<void>) {
    this.#runtime = runtime;
    this.#onFinished = onFinished;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Hardens step by step, so that the promise resolves within `timeout` ms, or a second later with a process stuck in the kernel. */
  escalate(timeout: number, steps: { terminate: () => void; kill: () => void }): void {
    const killAt = timeout - Math.min(SIGKILL_BEFORE.ms, timeout * SIGKILL_BEFORE.share);
    this.#after(timeout - Math.min(SIGTERM_BEFORE.ms, timeout * SIGTERM_BEFORE.share), steps.terminate);
    this.#after(killAt, steps.kill);
    this.giveUpAfter(killAt);
  }

  /** Resolves in any case soon after a SIGKILL that is sent in `ms`. */
  giveUpAfter(ms: number): void {
    this.#after(ms + UNKILLABLE_MS, () => this.finish());
  }

  finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    for (const timer of this.#timers) timer.cancel();
    void this.#onFinished().then(this.#resolve, this.#resolve); // whatever could not be let go of: it is the end
  }

  #after(ms: number, callback: () => void): void {
    if (ms <= MAX_TIMER_MS) this.#timers.push(this.#runtime.startTimer(ms, callback));
  }
}
