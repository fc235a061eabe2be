/** What a case of the contract is, and what the cases share: assertions, processes, waiting. */

import process from "node:process";
import type { PoolOptions } from "../options/pool-options.ts";
import type { CreatePool, Pool } from "../pool/create-pool.ts";
import type { Capabilities, Runtime } from "../port/runtime.ts";
import { shell } from "../reaping/shell.ts";
import type * as Fixture from "./fixtures/work.ts";

export { shell };

export interface ContractCase {
  /** A sentence: what the adapter does. */
  readonly name: string;
  /** Skip the case where the runtime lacks this. */
  readonly needs?: keyof Capabilities;
  /** Skip the case where this resolves with a reason. */
  lacks?(subject: Subject): Promise<string | undefined>;
  run(subject: Subject): Promise<void>;
}

export interface Subject {
  readonly runtime: Runtime;
  readonly createPool: CreatePool;
  /** The worker module of the cases. */
  readonly fixture: URL;
  /** The one of the cases that share memory. */
  readonly sharingFixture: URL;
  /** A program that speaks the protocol by hand. */
  readonly foreignWorker: URL;
}

export type FixturePool = Pool<typeof Fixture>;

/** Runs the body with a pool of the fixture, always ends the pool, and removes the folders it asked for. */
export async function withPool(
  { createPool, fixture, runtime }: Subject,
  options: PoolOptions,
  body: (pool: FixturePool, newFolder: () => Promise<string>) => Promise<void>,
): Promise<void> {
  const pool = createPool<typeof Fixture>(fixture, options);
  const folders: string[] = [];
  const newFolder = async () => {
    const { stdout } = await shell(runtime, 'printf %s "$(mktemp -d)"');
    folders.push(stdout);
    return stdout;
  };
  try {
    await body(pool, newFolder);
  } finally {
    await pool.terminate();
    for (const folder of folders) await shell(runtime, `rm -r '${folder}'`);
  }
}

export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Compares by JSON: for small plain values. */
export function assertEqual(actual: unknown, expected: unknown, what: string): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(a === e, `${what}: expected ${e}, received ${a}`);
}

/** The rejection of a promise, which must carry this code or, without one, this name. */
export async function rejection(
  promise: Promise<unknown>,
  code: string,
): Promise<Error & Record<string, unknown>> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in outcome) {
    throw new Error(
      `Expected a rejection with ${code}, received the result ${JSON.stringify(outcome.value)}`,
    );
  }
  const error = outcome.error as Error & Record<string, unknown>;
  const received = typeof error?.code === "string" ? error.code : error?.name;
  assert(received === code, `Expected a rejection with ${code}, received ${received}: ${error?.message}`);
  return error;
}

/** A generous deadline for what would otherwise hang; no case uses it to measure time. */
export async function within<T>(runtime: Runtime, ms: number, promise: Promise<T>, what: string): Promise<T> {
  let onLate: (error: Error) => void = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    onLate = reject;
  });
  const timer = runtime.startTimer(ms, () => onLate(new Error(`Expected ${what} within ${ms} ms`)));
  timer.ref();
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.cancel();
  }
}

/** For a state that no event announces, such as another process being gone. */
export async function until(
  runtime: Runtime,
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const end = runtime.now() + 40_000;
  while (!(await condition())) {
    assert(runtime.now() < end, `Expected ${what} within 40 s`);
    await pause(runtime, 20);
  }
}

export function pause(runtime: Runtime, ms: number): Promise<void> {
  return new Promise((resolve) => runtime.startTimer(ms, resolve).ref());
}

/** Sends a signal to a process by its pid. */
export async function kill(runtime: Runtime, pid: number | undefined, signal: string): Promise<void> {
  assert(pid !== undefined, "Expected a worker to have a pid");
  await shell(runtime, `kill -${signal} ${pid}`);
}

/** Sends SIGKILL in this very turn. False when the process is gone, even if its exit was not reported yet. */
export function killNow(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/** A zombie is not alive: it runs nothing and waits to be reaped. */
export async function isAlive(runtime: Runtime, pid: number): Promise<boolean> {
  const { stdout } = await shell(runtime, `ps -o stat= -p ${pid}`);
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}
