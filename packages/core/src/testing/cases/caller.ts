/** What an error says to whoever reads it: its code and class, and the line that awaits the call. */
import type { FixturePool } from "../contract-case.ts";
import { assert, assertEqual, type ContractCase, until, withPool } from "../contract-case.ts";

type Rejected = Error & Record<string, unknown>;

/** Calls it from a function of that name, which no other frame has. */
async function caught(call: () => Promise<unknown>): Promise<Rejected> {
  async function theCaller(): Promise<unknown> {
    return await call();
  }
  try {
    await theCaller();
  } catch (error) {
    return error as Rejected;
  }
  throw new Error("Expected the call to reject");
}

async function firstOf(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

function assertNamed(error: Rejected, what: string): void {
  const frames = error.stack?.split("\n").filter((line) => line.includes("theCaller")) ?? [];
  assert(frames.length > 0, `${what}: expected a frame of the caller in the stack, received ${error.stack}`);
}

/** Each rejects; those of a class of their own with the code. */
const REJECTIONS: Readonly<Record<string, (pool: FixturePool) => Promise<unknown>>> = {
  ERR_UNKNOWN_TASK: (pool) => pool.run("addd" as "add", [1, 2]),
  ERR_TASK_TIMEOUT: (pool) => pool.run("wait", [60_000], { timeout: 30 }),
  ERR_WORKER_EXIT: (pool) => pool.run("exit", [7]),
  ERR_SERIALIZATION: (pool) => pool.run("echo", [() => {}]),
  "an error of the task": (pool) => pool.run("failWhole"),
  "an error through the proxy": (pool) => pool.proxy.failWhole(),
  "an error of a broadcast": async (pool) => {
    await pool.ready();
    await pool.broadcast("failWhole");
  },
  "an error of a map": (pool) => firstOf(pool.map("failWhole", [[]])),
  "the errors of a map": (pool) => firstOf(pool.map("failWhole", [[], []], { stopOnError: false })),
  "an error in a list of calls": (pool) => Promise.all([pool.run("add", [1, 2]), pool.run("failWhole")]),
  "a wrong option": (pool) => pool.run("add", [1, 2], { timeout: -1 }),
  "a nested wrong option": (pool) => pool.run("add", [1, 2], { retries: { backoff: { factor: 0 } } }),
};

/** What can't be sent, wherever it stands in the call. */
const UNSENDABLE: Readonly<Record<string, (pool: FixturePool) => Promise<unknown>>> = {
  "an argument": (pool) => pool.run("echo", [() => {}]),
  "a result": (pool) => pool.run("unclonable"),
  "an item": (pool) => firstOf(pool.map("echo", [[Symbol("item")]])),
  "an item of a chunk": (pool) => firstOf(pool.map("unclonable", [[], []], { chunk: 2 })),
  "an argument of a broadcast": (pool) => pool.broadcast("echo", [() => {}]),
};

export const callerCases: readonly ContractCase[] = [
  {
    name: "caller: an error about what can't be sent names its task",
    run: (subject) =>
      withPool(subject, { minWorkers: 1, maxWorkers: 1 }, async (pool) => {
        await pool.ready();
        for (const [what, call] of Object.entries(UNSENDABLE)) {
          const { code, task } = { ...(await caught(() => call(pool))) } as Rejected;
          assertEqual(
            [code, task].join(),
            `ERR_SERIALIZATION,${/result|chunk/.test(what) ? "unclonable" : "echo"}`,
            what,
          );
        }
      }),
  },
  {
    name: "caller: it is named where the task threw a DOMException",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const error = await caught(() => pool.run("throwValue", [new DOMException("gone", "AbortError")]));
        assertNamed(error, "a DOMException");
        assertEqual(`${error.name}: ${error.message}`, "AbortError: gone", "the error");
      }),
  },
  ...Object.entries(REJECTIONS).map(
    ([what, call]): ContractCase => ({
      name: `caller: the stack names who awaits the call: ${what}`,
      run: (subject) =>
        withPool(
          subject,
          { minWorkers: 1, maxWorkers: 1, killTimeout: 50, worker: { stderr: "ignore" } },
          async (pool) => {
            const error = await caught(() => call(pool));
            assertNamed(error, what);
            if (!what.startsWith("ERR_")) return;
            assertEqual(error.code, what, "code");
            assert(Object.keys(error).includes("code"), "Expected `code` to be the error's own");
            assert("task" in { ...error }, "Expected the task to be named");
          },
        ),
    }),
  ),
  {
    name: "caller: it is named for calls that the pool refuses or gives up",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, maxQueue: 1 }, async (pool) => {
        const held = pool.run("wait", [60_000]).catch((error: unknown) => error);
        await until(subject.runtime, () => pool.stats().running === 1, "the task to run");
        const late = await caught(() => pool.run("add", [1, 2], { queueTimeout: 20 }));
        const waiting = caught(() => pool.run("add", [1, 2]));
        const full = await caught(() => pool.run("add", [1, 2]));
        await pool.terminate();
        const closed = await caught(() => pool.run("add", [1, 2]));
        const cut = await waiting;
        const codes = [late, full, closed, cut].map((error) => [
          error.constructor.name,
          error.code,
          error.task,
        ]);
        assertEqual(
          codes,
          [
            ["QueueTimeoutError", "ERR_QUEUE_TIMEOUT", "add"],
            ["QueueFullError", "ERR_QUEUE_FULL", "add"],
            ["PoolClosedError", "ERR_POOL_CLOSED", "add"],
            ["PoolClosedError", "ERR_POOL_CLOSED", "add"],
          ],
          "refusals",
        );
        for (const error of [late, full, closed, cut]) assertNamed(error, error.name);
        await held;
      }),
  },
  {
    name: "caller: calls that one failure rejects get an error each, with their own callers",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, restart: { intensity: 0 }, worker: { data: { setup: "throw" }, stderr: "ignore" } },
        async (pool) => {
          const [one, two] = await Promise.all([
            caught(() => pool.run("add", [1, 2])),
            caught(() => pool.run("add", [3, 4])),
          ]);
          assert(one !== two, "Expected two errors");
          for (const error of [one, two]) {
            assertNamed(error, "a failed start");
            assertEqual([error.code, error.message], [one.code, one.message], "what is shared");
            assert(error.cause === one.cause && error instanceof Error, "Expected the same cause");
          }
        },
      ),
  },
  {
    name: "caller: the reason of an abort is the application's own and stays as it is",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const reason = await caught(() => pool.run("addd" as "add", [1, 2])); // even an error of the pool
        const { stack } = reason;
        const controller = new AbortController();
        const running = caught(() => pool.run("wait", [60_000], { signal: controller.signal }));
        await until(subject.runtime, () => pool.stats().running === 1, "the task to run");
        controller.abort(reason);
        assert((await running) === reason, "Expected the reason itself, of a running call");
        const { signal } = controller;
        assert(
          (await caught(() => pool.run("wait", [60_000], { signal }))) === reason,
          "Expected the reason at once",
        );
        const items = pool.map("add", [[1, 2]], { signal });
        assert((await caught(() => firstOf(items))) === reason, "Expected the reason, of a map");
        assertEqual(reason.stack, stack, "stack");
      }),
  },
];
