/**
 * `pool.broadcast()`: the same call in every live worker, and by option in every later one. Owns which calls later
 * workers still have to make; each is an ordinary task that only its worker may take.
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

/** What a worker's part comes to when the worker is gone before it began. */
const GONE = Symbol("gone");

export class Broadcasts {
  /** By name: the last call of a name is what counts for workers to come. */
  readonly #later = new Map<string, BroadcastCall>();

  /** The results of the workers that ran it; when all are over, rejects with the first error there was. */
  async send<W>(workers: readonly W[], submit: (worker: W, outcome: Outcome) => void): Promise<unknown[]> {
    const parts = workers.map(
      (worker) => new Promise((fulfil, fail) => submit(worker, { fulfil, fail, lost: () => fulfil(GONE) })),
    );
    const outcomes = await Promise.allSettled(parts);
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    return outcomes
      .map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value)
      .filter((v) => v !== GONE);
  }

  /** From now on no worker makes it by itself. */
  forget(name: string): void {
    this.#later.delete(name);
  }

  /** Which of them a worker with these exports has to make. The others are forgotten: no worker can. */
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
    // The signal and the waiting are those of the first sending.
    const options = { ...call.options, signal: undefined, queueTimeout: Number.POSITIVE_INFINITY };
    this.#later.set(call.name, { ...call, options });
  }
}
