/**
 * Typed events of a pool. Owns the list of events and their delivery; a listener that throws never disturbs the pool or
 * other listeners.
 */

import { callSafely } from "../call-safely.ts";
import type { WorkerExitError, WorkerStartError } from "../errors.ts";
import { stackOf } from "../message-of.ts";
import { nearestName } from "../nearest-name.ts";
import type { Exit, OutputStream } from "../port/runtime.ts";
import type { WorkerInfo } from "../port/worker-info.ts";
import type { LostTask } from "../slot/death.ts";
import type { StopReason } from "../slot/machine.ts";
import type { Task } from "../task/task.ts";

export interface PoolEvents {
  /** A worker process has been started; it is not ready yet. Without a `pid`, the start has failed and `exit` follows. */
  start: { readonly worker: WorkerInfo };
  /** A worker takes tasks from now on. */
  ready: { readonly worker: WorkerInfo };
  /** A worker is gone and its slot free. */
  exit: {
    readonly worker: WorkerInfo;
    readonly exit: Exit;
    readonly reason: StopReason;
    /**
     * How it ended, with its `pid`, exit status, stderr and `cause`; a WorkerStartError if it was never ready. Undefined
     * when the pool meant it to end and nothing was thrown in it meanwhile.
     */
    readonly error: WorkerExitError | WorkerStartError | undefined;
    /** The most likely reason, as a phrase; empty when nothing points to one. */
    readonly likelyCause: string;
    /** The tasks it had begun and not answered; `id` is that of `task()` in the worker. */
    readonly tasks: readonly LostTask[];
  };
  /** An attempt of a call failed with `error`, and another will follow. */
  retry: {
    readonly name: string;
    readonly key: string | undefined;
    /** The worker that ran it. */
    readonly workerId: number | undefined;
    /** The number of the attempt to come, from 1. */
    readonly retry: number;
    readonly error: unknown;
  };
  /** A call has settled. `error` is what it rejected with; undefined when it resolved. */
  result: {
    readonly name: string;
    readonly key: string | undefined;
    /** Id of the worker that ran it last; undefined when none did. */
    readonly workerId: number | undefined;
    /** Attempts after the first. */
    readonly retries: number;
    /** From the call to the start of the last attempt, in ms. */
    readonly waitTime: number;
    /** Of the last attempt, in ms. */
    readonly runTime: number;
    readonly error: unknown;
  };
  /** As many calls wait as `maxQueue` allows: wait for `drain` before you make more. Emitted once until then. */
  needsDrain: Readonly<Record<string, never>>;
  /** After `needsDrain`: no call waits any more. */
  drain: Readonly<Record<string, never>>;
  /** Too many deaths without a completed task. Until a worker completes one, calls that wait when a trial worker dies reject. */
  broken: { readonly error: Error };
  /** A worker completed a task after the pool was broken. */
  recovered: Readonly<Record<string, never>>;
  /**
   * Application code has thrown where no call could reject for it: a listener, an `onStart`, `onProgress` or `onOutput`, a `retries.when`; `where`
   * says which. Or a broadcast to later workers names a task that they do not export. Or this process may not signal a
   * worker (EPERM), since it has given up rights that it had. Without a listener, a warning is
   * printed instead.
   */
  error: { readonly error: unknown; readonly where: string };
  /** A line a worker wrote, with `worker.stdout: "capture"`; with `"chunks"` it is an OutputChunk. */
  stdout: { readonly worker: WorkerInfo; readonly line: string };
  /** A line a worker wrote, with `worker.stderr: "capture"`; with `"chunks"` it is an OutputChunk. */
  stderr: { readonly worker: WorkerInfo; readonly line: string };
}

/** What a worker wrote, as it came, with `"chunks"`: a chunk may end in the middle of a line, or of a character. */
export interface OutputChunk {
  readonly worker: WorkerInfo;
  readonly chunk: Uint8Array;
}

export type Listener<E extends keyof PoolEvents> = (event: PoolEvents[E]) => void;

const NAMES: readonly (keyof PoolEvents)[] = [
  "start",
  "ready",
  "exit",
  "retry",
  "result",
  "needsDrain",
  "drain",
  "broken",
  "recovered",
  "error",
  "stdout",
  "stderr",
];

export class Events {
  readonly #listeners = new Map<string, Set<Listener<never>>>();
  readonly #warn: (message: string) => void;

  /** @param warn Prints a warning in the host. */
  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** @throws TypeError for an unknown event or a listener that is not a function. */
  on<E extends keyof PoolEvents>(name: E, listener: Listener<E>): () => void {
    if (!NAMES.includes(name)) {
      throw new TypeError(
        `Unknown event ${String(name)}: expected one of ${NAMES.join(", ")}${nearestName(name, NAMES)}`,
      );
    }
    if (typeof listener !== "function") {
      throw new TypeError(`Expected a function to listen to \`${name}\`, received ${typeof listener}`);
    }
    // Wrapped, so that the same function given twice is two subscriptions.
    const own: Listener<E> = (event) => listener(event);
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(own));
    return () => void listeners.delete(own);
  }

  emit<E extends keyof PoolEvents>(name: E, event: PoolEvents[E]): void {
    const listeners = this.#listeners.get(name) ?? [];
    // Iterate over a copy: a listener added during delivery gets the next event; one removed gets no more.
    for (const listener of [...listeners]) {
      if (!this.#listeners.get(name)?.has(listener)) continue;
      callSafely(
        () => (listener as Listener<E>)(event),
        (error) => this.report(error, `a listener of \`${name}\``, name === "error"),
      );
    }
  }

  emitOutput(stream: OutputStream, worker: WorkerInfo, output: string | Uint8Array): void {
    const event = typeof output === "string" ? { worker, line: output } : { worker, chunk: output };
    this.emit(stream, event as PoolEvents[OutputStream]); // create-pool.ts types a listener to chunks
  }

  /** @param isFinal It came from a listener of `error` itself. */
  report(error: unknown, where: string, isFinal = false): void {
    if (!isFinal && this.hasListeners("error")) this.emit("error", { error, where });
    else this.#warn(`reapool: ${where} threw; listen to \`error\` to handle this. ${stackOf(error)}`);
  }

  /** Whether anything listens to it. */
  hasListeners(name: keyof PoolEvents): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0;
  }
}

/** The `result` event of a settled call. */
export function resultOf(task: Task, error: unknown, now: number): PoolEvents["result"] {
  const { name, key, workerId, retries, acceptedAt, startedAt } = task;
  return {
    name,
    key,
    workerId,
    retries,
    waitTime: Math.max(0, (startedAt ?? now) - acceptedAt),
    runTime: startedAt === undefined ? 0 : now - startedAt,
    error,
  };
}
