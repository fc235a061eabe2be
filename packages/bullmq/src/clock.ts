/** The timers of the process itself: a test may have replaced the global ones with fakes that wait to be advanced. */
import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";

/** A timer that is set for longer comes at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const now = (): number => performance.now();

/** Keeps no process alive. Returns what takes it back. */
export function after(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, Math.min(ms, LONGEST_MS));
  timer.unref();
  return () => clearTimeout(timer);
}

/** Keeps the process alive, as whatever somebody awaits does. Ends early when `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, Math.min(ms, LONGEST_MS));
    signal?.addEventListener("abort", end);
  });
}

/** Whether it settled within that time, well or not. */
export async function settlesWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const late = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const timeIsUp = sleep(ms, late.signal).then(() => false);
  try {
    return await Promise.race([settled, timeIsUp]);
  } finally {
    late.abort();
  }
}
