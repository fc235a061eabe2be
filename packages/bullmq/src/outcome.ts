/** What becomes of a job whose call rejected. Pure: from the error, and what had interrupted it, to a verdict. */

/** Why this host itself ended a call. The first reason counts. */
export interface Interruption {
  /** `late`: the queue worker closes, and its time is over. */
  readonly why: "cancelled" | "lock-lost" | "late";
  readonly reason: unknown;
}

export type Verdict =
  /** BullMQ's own way: an attempt is spent, and another follows if there is one. */
  | { readonly kind: "fail" }
  /** Another attempt would end in the same way, or nobody wants one. */
  | { readonly kind: "fail-for-good"; readonly message: string }
  /** The pool can't run it now. No attempt is spent. */
  | { readonly kind: "delay" }
  /** Its worker died, and that shall spend no attempt. */
  | { readonly kind: "again"; readonly delay: number }
  /** It goes back to the queue as it came, for whoever takes it first. */
  | { readonly kind: "give-back" };

/** How often a job's starts may end without an attempt that is spent, with `deaths: "free"`. */
export const FREE_STARTS = 5;

const FOR_GOOD: ReadonlySet<unknown> = new Set(["ERR_UNKNOWN_TASK", "ERR_SERIALIZATION"]);
const NOT_RUN: ReadonlySet<unknown> = new Set([
  "ERR_WORKER_START",
  "ERR_CRASH_LOOP",
  "ERR_QUEUE_FULL",
  "ERR_QUEUE_TIMEOUT",
  "ERR_POOL_CLOSED",
]);
const DEATHS: ReadonlySet<unknown> = new Set(["ERR_WORKER_EXIT", "ERR_PROTOCOL"]);

/** The codes of the pool's errors; a task's own error may bear one by chance, but has no brand. */
const BRAND = Symbol.for("reapool.error");

export function poolCodeOf(error: unknown): unknown {
  if (typeof error !== "object" || error === null || !(BRAND in error)) return undefined;
  return (error as { code?: unknown }).code;
}

export const isDeath = (error: unknown): boolean => DEATHS.has(poolCodeOf(error));

/** Whether the pool may still have the call in a worker when it rejects with this error. */
export function mayRunOn(error: unknown, interruption: Interruption | undefined): boolean {
  const code = poolCodeOf(error);
  return interruption !== undefined || code === "ERR_TASK_TIMEOUT" || code === "ERR_POOL_CLOSED";
}

export interface Starts {
  /** BullMQ's counts, kept with the job: they outlive every host. */
  readonly attemptsStarted: number;
  readonly attemptsMade: number;
}

export function verdictOn(
  error: unknown,
  interruption: Interruption | undefined,
  deaths: "attempt" | "free",
  starts: Starts,
): Verdict {
  if (interruption !== undefined) {
    if (interruption.why !== "cancelled") return { kind: "give-back" };
    return { kind: "fail-for-good", message: cancelledBecause(interruption.reason) };
  }
  const code = poolCodeOf(error);
  if (FOR_GOOD.has(code)) return { kind: "fail-for-good", message: (error as Error).message };
  if (NOT_RUN.has(code)) return { kind: "delay" };
  if (DEATHS.has(code) && deaths === "free") {
    const free = starts.attemptsStarted - starts.attemptsMade;
    if (free <= FREE_STARTS) return { kind: "again", delay: 100 * 2 ** Math.max(1, free) };
  }
  return { kind: "fail" };
}

function cancelledBecause(reason: unknown): string {
  if (typeof reason === "string" && reason !== "") return `The job was cancelled: ${reason}`;
  if (reason instanceof Error && reason.name !== "AbortError") {
    return `The job was cancelled: ${reason.message}`;
  }
  return "The job was cancelled";
}

/** How long a job waits that the pool could not run, in ms. @param refusals In a row, this one included. */
export function delayAfter(refusals: number): number {
  return Math.min(30_000, 1_000 * 2 ** (refusals - 1));
}

/** BullMQ reads some names as "the job has been moved", which a task in another process can't have done. */
const NAMES_OF_MOVES: ReadonlySet<unknown> = new Set([
  "DelayedError",
  "WaitingError",
  "WaitingChildrenError",
]);

/** BullMQ reads `name` and `message` of whatever is thrown: it leaves a job without an end where there is none. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error && typeof thrown.message === "string" && !NAMES_OF_MOVES.has(thrown.name)) {
    return thrown;
  }
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `Thrown: ${show(thrown)}`;
  return new Error(message, { cause: thrown });
}

function show(value: unknown): string {
  try {
    return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
  } catch {
    return typeof value;
  }
}
