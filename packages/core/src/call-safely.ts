/**
 * Calls the application's listeners and callbacks. They may throw, or return a promise that rejects. They run in exit
 * callbacks and timers, where an uncaught error would end the host.
 */
import { isThenable } from "./thenable.ts";

export function callSafely(call: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, onError);
  } catch (error) {
    onError(error);
  }
}
