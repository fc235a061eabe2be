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

/** Calls back once the loop has turned: an idle one would sleep through an immediate that is not referenced. */
export function afterTurn(callback: () => void): void {
  if (isFake) afterTwoTimers(callback);
  else setImmediate(callback);
}

/** Calls back once everything that has arrived by now was read. The first turn may end before anything is read again. */
export function afterReads(callback: () => void): void {
  afterTurn(() => afterTurn(callback));
}

/** Sockets are read between a timer and the one that it starts. */
function afterTwoTimers(callback: () => void): void {
  startTimer(1, () => startTimer(1, callback).ref()).ref();
}
