/** What is written by mistake, and what the error says to do instead. */
import type { FixturePool } from "../contract-case.ts";
import { assert, assertEqual, type ContractCase, rejection, withPool } from "../contract-case.ts";

type Untyped = Record<"run" | "stream" | "map", (...args: unknown[]) => unknown>;

async function drain(items: unknown): Promise<void> {
  for await (const _ of items as AsyncIterable<unknown>);
}

/** By what the message must hold. */
const MISTAKES: readonly [string, "TypeError" | "ERR_SERIALIZATION", (pool: Untyped) => unknown][] = [
  ["all arguments of the task go into one array", "TypeError", (pool) => pool.run("add", 1, 2)],
  ["received number as its options", "TypeError", (pool) => pool.run("add", [1], 2)],
  ["received string as its options", "TypeError", (pool) => drain(pool.stream("add", [1], "fast"))],
  ["received object as its arguments", "TypeError", (pool) => pool.run("echo", { a: 1 }, { timeout: 5 })],
  ['write `run("add", [true])`', "TypeError", (pool) => pool.run("add", true)],
  ["`[1]` for each item", "TypeError", (pool) => drain(pool.map("add", [1, 2, 3]))],
  ["`pool.stream()` reads the items", "ERR_SERIALIZATION", (pool) => pool.run("count", [3])],
];

/** What reads a proxy without asking for a task. */
const READS: readonly ((proxy: FixturePool["proxy"]) => unknown)[] = [
  (proxy) => `${proxy}`,
  (proxy) => `1${String(proxy)}`,
  (proxy) => JSON.stringify({ proxy }),
  (proxy) => Promise.resolve(proxy),
  (proxy) => (proxy as unknown as number) > 1,
  (proxy) => Object.prototype.toString.call(proxy),
  (proxy) => Object.entries(proxy),
];

export const mistakeCases: readonly ContractCase[] = [
  {
    name: "mistakes: the error says how a call is written",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const [part, code, make] of MISTAKES) {
          const error = await rejection((async () => make(pool as unknown as Untyped))(), code);
          assert(
            error.message.includes(part),
            `Expected "${part}" in the message, received ${error.message}`,
          );
        }
      }),
  },
  {
    name: "mistakes: a proxy in a template, a log or JSON calls no task",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const read of READS) await read(pool.proxy);
        const inherited = ["valueOf", "constructor", "hasOwnProperty", "inspect"] as never[];
        for (const name of inherited) assertEqual(pool.proxy[name], undefined, `proxy.${name}`);
        assertEqual(pool.stats().submitted, 0, "calls");
        assertEqual(await pool.proxy.add(1, 2), 3, "a task");
      }),
  },
];
