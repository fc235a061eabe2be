/**
 * `closeOnSignals`: a stop signal (SIGINT is Ctrl-C) closes the pools that opted in, and then ends the host as it would have
 * done anyway. Without the option the signal ends the host at once, and the guard its workers (reaping/guard.ts). Owns
 * which pools a signal closes, and how the host then ends; not how a pool closes. There is one for all pools of a host
 * process, because the host ends once, after the last of them.
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

  /** Returns a function to call when the pool is closed. */
  add(pool: Closable): () => void {
    this.#pools.add(pool);
    this.#unlisten ??= this.#runtime.onStopSignal((name) => this.#onSignal(name));
    return () => this.#remove(pool);
  }

  /** A signal has come, and the host ends once its pools are closed. */
  get isStopping(): boolean {
    return this.#received !== undefined;
  }

  /** A second signal means that the sender does not want to wait: it terminates the pools. */
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
 * Ends the host as the signal would have, unless something else listens to it. The kernel does not end PID 1 by a signal,
 * so PID 1 exits with a shell's code for it. No signal is sent first: Deno crashes when it ends PID 1 by a signal.
 */
export function endBySignal(runtime: Runtime, name: StopSignal): void {
  if (runtime.pid === 1 && !runtime.hears(name)) runtime.exit(128 + SIGNAL_NUMBERS[name]);
  else runtime.raise(name);
}
