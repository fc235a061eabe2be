/** Workers that speak the protocol by hand, well or badly: none of them can hurt the host. */
import type { PoolOptions } from "../../options/pool-options.ts";
import { assert, assertEqual, type ContractCase, rejection, type Subject } from "../contract-case.ts";
import { VERSION } from "../foreign/bytes.ts";
import { type ForeignPool, foreignLauncher, withForeignPool } from "../foreign/pool.ts";

function withForeign(
  subject: Subject,
  manner: string,
  options: PoolOptions,
  body: (pool: ForeignPool) => Promise<void>,
): Promise<void> {
  const worker = { launcher: foreignLauncher(subject), env: { FOREIGN: manner }, stderr: "ignore" as const };
  return withForeignPool(subject, manner, { worker, ...options }, body);
}

/** Faults that end the worker, so that everything it had started fails with it. */
const breaches: readonly (readonly [manner: string, what: string])[] = [
  ["garbage", "bytes that are no frames"],
  ["oversize", "a frame longer than the limit"],
  ["unknown-type", "a frame of a type that does not exist"],
  ["unknown-task", "a result of a task it was never given"],
  ["hang-up", "a closed channel while the process runs on"],
];

export const protocolCases: readonly ContractCase[] = [
  {
    name: "protocol: a worker that knows JSON only serves what JSON carries, and the rest rejects",
    run: (subject) =>
      withForeign(subject, "good", {}, async (pool) => {
        const value = { text: "é", list: [1, null, true] };
        assertEqual(await pool.run("echo", [value]), value, "echo");
        await rejection(pool.run("echo", [new Map()]), "ERR_SERIALIZATION");
        await rejection(pool.run("add", [1]), "ERR_UNKNOWN_TASK");
        assertEqual(await pool.run("echo", ["still here"]), "still here", "echo");
        const long = "a text that goes beside its value elsewhere ".repeat(2_000);
        assertEqual(await pool.run("echo", [{ long, rest: [1] }]), { long, rest: [1] }, "a long text");
        await rejection(pool.run("echo", [new Set([long])]), "ERR_SERIALIZATION");
      }),
  },
  ...breaches.map(
    ([manner, what]): ContractCase => ({
      name: `protocol: ${what} fails what the worker had started, kills it, and the pool goes on`,
      run: (subject) =>
        withForeign(subject, manner, { concurrentTasksPerWorker: 2 }, async (pool) => {
          for (let round = 0; round < 2; round++) {
            const outcomes = await Promise.allSettled([pool.run("echo", [1]), pool.run("echo", [2])]);
            for (const outcome of outcomes) {
              assert(
                outcome.status === "rejected",
                `Expected a rejection, received ${JSON.stringify(outcome)}`,
              );
              assertEqual(outcome.reason.code, "ERR_PROTOCOL", "code");
            }
          }
        }),
    }),
  ),
  {
    name: "protocol: a value that can't be read fails its own call alone",
    run: (subject) =>
      withForeign(subject, "bad-value", { concurrentTasksPerWorker: 2 }, async (pool) => {
        const [bad, good] = await Promise.allSettled([pool.run("echo", ["bad"]), pool.run("echo", ["good"])]);
        assertEqual(bad.status === "rejected" && bad.reason.code, "ERR_PROTOCOL", "the bad one");
        assertEqual(good.status === "fulfilled" && good.value, "good", "the good one");
      }),
  },
  {
    name: "protocol: a worker of another version is a start failure that names both",
    run: (subject) =>
      withForeign(subject, "version", {}, async (pool) => {
        const error = await rejection(pool.run("echo", [1]), "ERR_WORKER_START");
        assertEqual((error.cause as { code?: string }).code, "ERR_PROTOCOL", "code of the cause");
        const both = new RegExp(`version ${VERSION}.*version 99`);
        assert(both.test(error.message), `Expected both versions in: ${error.message}`);
      }),
  },
  ...["token", "stranger", "mute"].map(
    (manner): ContractCase => ({
      name: `protocol: a connection without the token is never let in (${manner})`,
      run: (subject) =>
        withForeign(subject, manner, { startTimeout: 1_500 }, async (pool) => {
          await rejection(pool.run("echo", [1]), "ERR_WORKER_START");
        }),
    }),
  ),
];
