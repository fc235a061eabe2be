/**
 * Calls the application's listeners, callbacks and sources. They may throw, return a promise that rejects, or take any time.
 * Listeners and callbacks run in exit callbacks and timers, where an uncaught error would end the host.
 */
import { isThenable } from "./thenable.ts";

let calls = 0;

/** How many have ended so far: what was read of the clock before that is of the past. */
export const callsSoFar = (): number => calls;

export function callSafely(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = counted(call);
    if (isThenable(result)) result.then(undefined, onError);
  } catch (error) {
    onError(error);
  }
}

/** Whatever it throws is the caller's. */
export function counted<T>(call: () => T): T {
  try {
    return call();
  } finally {
    calls++;
  }
}
