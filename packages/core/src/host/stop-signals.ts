/**
 * `closeOnSignals`: a signal that asks the host to stop closes the pools that want it, and then ends the host as it would
 * have. Owns who is closed by a signal, and how the host ends by it; how a pool closes is its own. One for all pools of a
 * host process, because the host ends once, after the last of them.
 */
import type { Runtime, StopSignal } from "../port/runtime.ts";

export interface Closable {
  close(): Promise<void>;
  terminate(): Promise<void>;
}

export class StopSignals {
  readonly #runtime: Runtime;
  readonly #pools = new Set<Closable>();
  #unlisten: (() => void) | undefined;
  #received: StopSignal | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Returns how to take it off: the pool is closed. */
  add(pool: Closable): () => void {
    this.#pools.add(pool);
    this.#unlisten ??= this.#runtime.onStopSignal((name) => this.#onSignal(name));
    return () => this.#remove(pool);
  }

  /** A second one is from somebody who has no patience. */
  #onSignal(name: StopSignal): void {
    const isFirst = this.#received === undefined;
    this.#received ??= name;
    for (const pool of [...this.#pools]) void (isFirst ? pool.close() : pool.terminate());
  }

  #remove(pool: Closable): void {
    if (!this.#pools.delete(pool) || this.#pools.size > 0) return;
    this.#unlisten?.();
    this.#unlisten = undefined;
    const name = this.#received;
    this.#received = undefined;
    if (name !== undefined) endBySignal(this.#runtime, name);
  }
}

const SIGNAL_NUMBERS: Readonly<Record<StopSignal, number>> = { SIGTERM: 15, SIGINT: 2, SIGHUP: 1 };

/**
 * Ends the host as the signal would have, unless something else listens to it. The kernel spares PID 1, so PID 1 exits
 * with a shell's code for that signal. It is not sent one first: Deno crashes when it ends PID 1 by a signal.
 */
export function endBySignal(runtime: Runtime, name: StopSignal): void {
  if (runtime.pid === 1 && !runtime.hears(name)) runtime.exit(128 + SIGNAL_NUMBERS[name]);
  else runtime.raise(name);
}
