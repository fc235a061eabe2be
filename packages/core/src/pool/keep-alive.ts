/**
 * Keeps the host alive while the application waits for the pool, and only then. Uses one timer that never fires in
 * practice: workers, sockets and all other timers are unreferenced, so nothing else has to be switched.
 */
import { MAX_TIMER_MS, type Runtime, type Timer } from "../port/runtime.ts";

export class KeepAlive {
  readonly #runtime: Runtime;
  #timer: Timer | undefined;
  #holders = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  hold(): void {
    if (this.#holders++ > 0) return;
    this.#timer ??= this.#arm();
    this.#timer.ref();
  }

  release(): void {
    if (--this.#holders === 0) this.#timer?.unref();
  }

  /** Keeps the host alive until the promise settles. */
  during<T>(waiting: Promise<T>): Promise<T> {
    this.hold();
    return waiting.finally(() => this.release());
  }

  /** `hold` must not be called again. */
  dispose(): void {
    this.#timer?.cancel();
  }

  #arm(): Timer {
    return this.#runtime.startTimer(MAX_TIMER_MS, () => {
      this.#timer = this.#arm(); // after 24 days
      if (this.#holders > 0) this.#timer.ref();
    });
  }
}
