/**
 * The clock and the timers of the process itself. A test may have replaced everything that is global with fakes that
 * wait to be advanced; before this is loaded, or after. Those of `node:timers`, imported by name, stay Deno's own.
 */
import { performance } from "node:perf_hooks";
import { clearTimeout, setImmediate, setTimeout } from "node:timers";
import type { Timer } from "@reapool/core";

/** Fakes replace it in `performance` itself, not in its class. */
const ofClass = (Object.getPrototypeOf(performance) as Performance).now;

export const now = (): number => ofClass.call(performance);

export function startTimer(ms: number, callback: () => void): Timer {
  const timer = setTimeout(callback, ms).unref();
  return { cancel: () => clearTimeout(timer), ref: () => void timer.ref(), unref: () => void timer.unref() };
}

/** Before its loop looks at its sockets; a timer waits a millisecond at least. */
export function afterCallbacks(callback: () => void): void {
  setImmediate(callback);
}
