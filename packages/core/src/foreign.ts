/**
 * Calls what the application has given: listeners, callbacks. They may throw, or return a promise that rejects, and are
 * called in exit callbacks and timers, where that would end the host.
 */
import { isThenable } from "./thenable.ts";

export function callForeign(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, onError);
  } catch (error) {
    onError(error);
  }
}
