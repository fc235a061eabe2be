/** Keeps calls under way and counts them. The same for every contender, so that only the pool differs. */
import type { OpenPool, TaskName } from "../contenders/contender.ts";
import type { Size } from "./workload.ts";

export type Call = (done: () => void) => void;

/** A failed call ends the measurement: it must not count as a fast task. */
export function toCall(pool: OpenPool, task: TaskName, argument?: unknown): Call {
  if (pool.call !== undefined) return (done) => pool.call?.(task, argument, done);
  return (done) => void pool.run(task, argument).then(done, fail);
}

function fail(error: unknown): never {
  throw error; // unhandled: the process ends with it
}

/**
 * Calls until the code of both sides has been compiled for good: some ten thousand calls of the most expensive pool
 * here.
 */
export async function compile(pool: OpenPool, { quick }: Size): Promise<void> {
  await keepInFlight(toCall(pool, "noop"), 64, quick ? 600 : 800);
}

export interface Drive {
  readonly completed: number;
  readonly seconds: number;
  /** CPU time of this process, in µs. */
  readonly cpu: number;
}

/** Throughput, and the host's cost, under the names of a phase. */
export function ratesOf(phase: string, { completed, seconds, cpu }: Drive): Record<string, number> {
  return { [`${phase} rate`]: completed / seconds, [`${phase} cpu`]: cpu / completed };
}

/** Keeps so many calls in flight, each followed by the next, for so long; then waits for the last of them. */
export async function keepInFlight(call: Call, inFlight: number, ms: number): Promise<Drive> {
  let completed = 0;
  let running = inFlight;
  let isOver = false;
  const { promise: drained, resolve } = Promise.withResolvers<void>();
  const next = () => {
    completed++;
    if (isOver) {
      if (--running === 0) resolve();
    } else call(next);
  };
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < inFlight; i++) call(next);
  await new Promise((elapsed) => setTimeout(elapsed, ms));
  const result = {
    completed,
    seconds: (performance.now() - start) / 1_000,
    cpu: cpuSince(cpuBefore),
  };
  isOver = true;
  await drained;
  return result;
}

/** Makes so many calls in all, so many of them at once: from the first to the last answer. */
export async function complete(call: Call, inFlight: number, count: number): Promise<Drive> {
  let started = Math.min(inFlight, count);
  let completed = 0;
  const { promise: drained, resolve } = Promise.withResolvers<void>();
  const next = () => {
    completed++;
    if (started < count) {
      started++;
      call(next);
    } else if (completed === count) resolve();
  };
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  for (let i = started; i > 0; i--) call(next);
  await drained;
  return {
    completed,
    seconds: (performance.now() - start) / 1_000,
    cpu: cpuSince(cpuBefore),
  };
}

/** CPU time of this process since then, in µs. */
export function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Makes calls one after another for so long: the time of each, in µs. */
export function timeEach(call: Call, ms: number): Promise<number[]> {
  return new Promise((resolve) => {
    const times: number[] = [];
    const end = performance.now() + ms;
    let start = performance.now();
    const next = () => {
      const now = performance.now();
      times.push((now - start) * 1_000);
      if (now >= end) {
        resolve(times);
        return;
      }
      start = performance.now();
      call(next);
    };
    call(next);
  });
}
