/**
 * Whether and when a failed task is retried: pure functions over errors and counts. Which worker takes the next attempt
 * is decided elsewhere (never the one that failed: slot/workload.ts retires it; then dispatch/dispatcher.ts, `rested`).
 */
import type { Backoff } from "../options/backoff-options.ts";
import type { RetryPolicy } from "../options/call-options.ts";

/** How an attempt failed: its worker died, it timed out, or the task threw. */
export type AttemptFailure = "death" | "timeout" | "thrown";

export function isRetried(
  policy: RetryPolicy | undefined,
  failures: number,
  how: AttemptFailure,
  error: unknown,
): boolean {
  if (policy === undefined || failures > policy.limit) return false;
  return how !== "thrown" || policy.when?.(error) === true;
}

/** In ms. @param random A fresh `Math.random()`. */
export function backoffDelay(
  { initial, factor, max, jitter }: Backoff,
  failures: number,
  random: number,
): number {
  // 0 times a factor that has grown to Infinity would be NaN.
  const grown = initial === 0 ? 0 : initial * factor ** (failures - 1);
  return Math.min(max, grown) * (1 - jitter * random);
}
