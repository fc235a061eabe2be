/**
 * `pool.broadcast()`: the same call in every live worker and, with `later`, in every later one. Owns which calls later
 * workers have to make. Each part is an ordinary task that only its worker may take.
 */
import type { UnknownTaskError } from "../errors.ts";
import type { ResolvedRunOptions } from "../options/call-options.ts";
import type { EncodedValue } from "../wire/value.ts";
import { unknownTask } from "./call-errors.ts";
import type { Outcome } from "./request.ts";

export interface BroadcastCall {
  readonly name: string;
  readonly args: EncodedValue;
  readonly options: ResolvedRunOptions;
}

/** The outcome of a worker's part when the worker is gone before it began. */
const GONE = Symbol("gone");

export class Broadcasts {
  /** By name: only the last call of a name counts for later workers. */
  readonly #later = new Map<string, BroadcastCall>();

  /** Resolves to the results of the workers that ran it. Once all have ended, rejects with the first error, if any. */
  async send<W>(workers: readonly W[], submit: (worker: W, outcome: Outcome) => void): Promise<unknown[]> {
    const parts = workers.map(
      (worker) =>
        new Promise((fulfil, fail) =>
          submit(worker, { fulfil, fail, lost: () => fulfil(GONE), item: undefined }),
        ),
    );
    const outcomes = await Promise.allSettled(parts);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    return outcomes
      .map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value)
      .filter((v) => v !== GONE);
  }

  /** From now on new workers no longer make it. */
  forget(name: string): void {
    this.#later.delete(name);
  }

  /** The calls a worker with these exports has to make. Any other is forgotten, because no worker can make it. */
  takeLater(
    exports: readonly string[],
    onUnknown: (error: UnknownTaskError) => void,
  ): readonly BroadcastCall[] {
    for (const name of this.#later.keys()) {
      if (exports.includes(name)) continue;
      this.#later.delete(name);
      onUnknown(unknownTask(name, exports));
    }
    return [...this.#later.values()];
  }

  /** From now on each worker makes the call before its first task. */
  remember(call: BroadcastCall): void {
    // The signal and the queueTimeout apply to the first sending only.
    const options = { ...call.options, signal: undefined, queueTimeout: Number.POSITIVE_INFINITY };
    this.#later.set(call.name, { ...call, options });
  }
}
