/** Pools on a fake runtime, ended after each test; and tasks that bring their own worker to its end. */
import { afterEach } from "vitest";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { createPoolOn, type Pool } from "../../src/pool/create-pool.ts";
import type { PoolEvents } from "../../src/pool/events.ts";
import { task } from "../../src/worker/index.ts";
import { FakeRuntime } from "./fake-runtime.ts";

let pools: Pool[] = [];

/** To be called once in a file. */
export function endPoolsAfterEach(): void {
  afterEach(async () => {
    const open = pools;
    pools = [];
    await Promise.all(open.map((pool) => pool.terminate()));
  });
}

type Told = { [E in keyof PoolEvents]: { readonly name: E } & PoolEvents[E] }[keyof PoolEvents];

export function poolScene(
  options: PoolOptions = {},
  tasks: object = {},
  env: Readonly<Record<string, string>> = {},
) {
  const never = () => new Promise(() => {});
  const runtime = new FakeRuntime({
    add: (a: number, b: number) => a + b,
    wait: never,
    untilAborted: () =>
      new Promise((_resolve, reject) => {
        const { signal } = task();
        signal.addEventListener("abort", () => reject(signal.reason));
      }),
    /** Its worker ends in the middle of it. */
    crash: () => {
      self()?.end({ code: 7, signal: null });
      return never();
    },
    /** The same by an error that nobody catches. */
    throwLate: (error: unknown) => {
      self()?.throwUncaught(error);
      return never();
    },
    ...tasks,
  });
  Object.assign(runtime.env, env);
  const pool = createPoolOn(runtime)("/work.ts", options);
  pools.push(pool);
  const self = () => {
    const { workerId } = task();
    const pid = pool.workers.find(({ id }) => id === workerId)?.pid;
    return runtime.processes.find((process) => process.pid === pid);
  };
  const told: Told[] = [];
  const listen = (...names: (keyof PoolEvents)[]) => {
    for (const name of names) pool.on(name, (event) => void told.push({ name, ...event } as Told));
    return told;
  };
  return { runtime, pool, clock: runtime.clock, listen };
}

/** What a promise comes to: its value, or the code of its error. */
export function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ value }),
    (error: { code?: unknown; name?: unknown }) => ({ error: error.code ?? error.name }),
  );
}

/** Whether it has settled by now. */
export function watched(promise: Promise<unknown>): { isSettled: boolean } {
  const state = { isSettled: false };
  const settle = () => {
    state.isSettled = true;
  };
  promise.then(settle, settle);
  return state;
}
