/**
 * The clock and the timers of the process itself. A test may have replaced everything that is global, and what the
 * modules export, with fakes that wait to be advanced; before this is loaded, or after.
 */
import { performance } from "node:perf_hooks";
import timers from "node:timers";
import type { Timer } from "@reapool/core";
import { original } from "./original.ts";
import { Timeout } from "./timeout-class.ts";

const setTimeout = original(timers.setTimeout, "setTimeout");
const clearTimeout = original(timers.clearTimeout, "clearTimeout");
const setImmediate = original(timers.setImmediate, "setImmediate");

/** Fakes of another kind came first, `mock.timers` of node:test say. */
const isFake = Timeout !== undefined && !isReal(Timeout);

function isReal(timeoutClass: NonNullable<typeof Timeout>): boolean {
  const timer = setTimeout(() => {}, 1);
  clearTimeout(timer);
  return timer instanceof timeoutClass;
}

/** Fakes replace it in `performance` itself, which is where Bun alone has it. */
const ofClass = (Object.getPrototypeOf(performance) as Partial<typeof performance>).now;
const { uptime } = process;

export const now: () => number =
  ofClass === undefined ? () => uptime() * 1_000 : () => ofClass.call(performance);

export function startTimer(ms: number, callback: () => void): Timer {
  if (isFake && Timeout !== undefined) return startHidden(new Timeout(callback, ms, undefined, false, false));
  const timer = setTimeout(callback, ms).unref();
  return { cancel: () => clearTimeout(timer), ref: () => void timer.ref(), unref: () => void timer.unref() };
}

function startHidden(timer: InstanceType<NonNullable<typeof Timeout>>): Timer {
  timer.refresh();
  return { cancel: () => void timer.close(), ref: () => void timer.ref(), unref: () => void timer.unref() };
}

/** Calls back once the loop has turned. Where it has nothing else to wait for, it waits for this only if asked to. */
export function afterTurn(callback: () => void, isReferenced: boolean): void {
  if (isFake) afterTwoTimers(callback, isReferenced);
  else if (isReferenced) setImmediate(callback);
  else setImmediate(callback).unref();
}

/** Sockets are read between a timer and the one that it starts. */
function afterTwoTimers(callback: () => void, isReferenced: boolean): void {
  const first = startTimer(1, () => {
    const second = startTimer(1, callback);
    if (isReferenced) second.ref();
  });
  if (isReferenced) first.ref();
}
