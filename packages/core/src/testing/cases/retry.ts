/** Retries: when they are made, where, and how they are reported. */

import type { BegunCall } from "../../options/call-options.ts";
import type { PoolOptions } from "../../options/pool-options.ts";
import type { PoolEvents } from "../../pool/events.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  rejection,
  type Subject,
  until,
  withPool,
} from "../contract-case.ts";

interface Scene {
  readonly pool: FixturePool;
  /** The file in which each start of `flaky` leaves its pid. */
  readonly file: string;
  /** How each call settled. */
  readonly results: PoolEvents["result"][];
  starts(): Promise<string[]>;
}

function withFlaky(
  subject: Subject,
  body: (scene: Scene) => Promise<void>,
  options: PoolOptions = {},
): Promise<void> {
  const all = { maxWorkers: 1, worker: { stderr: "ignore" }, ...options } as const;
  return withPool(subject, all, async (pool, newFolder) => {
    const file = `${await newFolder()}/starts`;
    const results: PoolEvents["result"][] = [];
    pool.on("result", (event) => results.push(event));
    await body({ pool, file, results, starts: () => pool.run("readJournal", [file]) });
  });
}

const QUICK = { initial: 1 };

export const retryCases: readonly ContractCase[] = [
  {
    name: "retry: each retry and each start of an attempt is told, and with an exit what it cost",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, worker: { stderr: "ignore" } }, async (pool) => {
        const told: unknown[] = [];
        const exits: PoolEvents["exit"][] = [];
        pool.on("retry", ({ name, key, workerId, retry, error }) =>
          told.push(["retry", name, key, workerId, retry, (error as { code?: string }).code]),
        );
        pool.on("exit", (event) => exits.push(event));
        const onStart = ({ worker, retries }: BegunCall) =>
          told.push({ id: worker.id, running: worker.running, hasPid: worker.pid !== undefined, retries });
        const retries = { limit: 1, backoff: { initial: 1 } };
        await rejection(pool.run("exit", [7], { key: "k", retries, onStart }), "ERR_WORKER_EXIT");
        await until(subject.runtime, () => exits.length === 2, "both exits");
        const expected = [
          { id: 1, running: 1, hasPid: true, retries: 0 },
          ["retry", "exit", "k", 1, 1, "ERR_WORKER_EXIT"],
          { id: 1, running: 1, hasPid: true, retries: 1 },
        ];
        assertEqual(told, expected, "told");
        for (const { tasks, likelyCause, reason, error, worker } of exits) {
          assertEqual(
            [error?.code, error?.task, error?.pid],
            ["ERR_WORKER_EXIT", "exit", worker.pid],
            "error",
          );
          assertEqual([reason, tasks], ["crash", [{ name: "exit", key: "k", id: 1 }]], "exit");
          assertEqual(likelyCause, "", "likely cause");
        }
      }),
  },
  {
    name: "retry: a stream tells where it has begun, once",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const told: object[] = [];
        const items: unknown[] = [];
        const onStart = ({ worker, retries }: BegunCall) => told.push({ id: worker.id, retries });
        for await (const item of pool.stream("count", [3], { onStart })) items.push(item);
        assertEqual([items.length, told], [3, [{ id: 1, retries: 0 }]], "items, told");
      }),
  },
  {
    name: "retry: after its worker's death, up to the limit, each time on another process, and the result says so",
    run: (subject) =>
      withFlaky(subject, async ({ pool, file, results, starts }) => {
        const retries = { limit: 2, backoff: QUICK };
        await rejection(pool.run("flaky", [file, 99, "die"], { retries }), "ERR_WORKER_EXIT");
        assertEqual([results[0]?.name, results[0]?.retries], ["flaky", 2], "event");
        const pids = await starts();
        assertEqual([pids.length, new Set(pids).size], [3, 3], "starts and processes");
        const pid = await pool.run("flaky", [file, 5, "die"], { retries });
        const later = (await starts()).slice(3);
        assertEqual([later.length, later[1]], [2, String(pid)], "starts, and the process of the last");
        const event = results.filter(({ name }) => name === "flaky")[1];
        assertEqual([event?.retries, event?.error], [1, undefined], "event of the one that succeeded");
      }),
  },
  {
    name: "retry: there is none by default",
    run: (subject) =>
      withFlaky(subject, async ({ pool, file, results, starts }) => {
        await rejection(pool.run("flaky", [file, 2, "die"]), "ERR_WORKER_EXIT");
        assertEqual([(await starts()).length, results[0]?.retries], [1, 0], "starts and retries");
      }),
  },
  {
    name: "retry: after its timeout, on another process",
    run: (subject) =>
      withFlaky(
        subject,
        async ({ pool, file, starts }) => {
          await pool.run("nothing");
          const options = { timeout: 800, retries: { limit: 1, backoff: QUICK } };
          await rejection(pool.run("flaky", [file, 99, "hang"], options), "ERR_TASK_TIMEOUT");
          const pids = await starts();
          assertEqual([pids.length, new Set(pids).size], [2, 2], "starts and processes");
        },
        { killTimeout: 100 },
      ),
  },
  {
    name: "retry: not after an error that the task threw, unless the call says so",
    run: (subject) =>
      withFlaky(subject, async ({ pool, file, results, starts }) => {
        await rejection(pool.run("flaky", [file, 99, "throw"], { retries: 3 }), "E_CUSTOM");
        assertEqual([(await starts()).length, results[0]?.retries], [1, 0], "starts and retries");
        const asked: unknown[] = [];
        const when = (error: unknown) => {
          asked.push((error as { code?: unknown }).code);
          return asked.length < 3;
        };
        const retries = { limit: 9, when, backoff: QUICK };
        await rejection(pool.run("flaky", [file, 99, "throw"], { retries }), "E_CUSTOM");
        const pids = (await starts()).slice(1);
        assertEqual([pids.length, new Set(pids).size], [3, 3], "starts and processes");
        assertEqual(asked, ["E_CUSTOM", "E_CUSTOM", "E_CUSTOM"], "errors that `when` was asked about");
      }),
  },
  {
    name: "retry: waits for its back-off, during which an abort ends it at once",
    run: (subject) =>
      withFlaky(subject, async ({ pool, file, results, starts }) => {
        const { runtime } = subject;
        const since = runtime.now();
        const backoff = { initial: 300, jitter: 0 };
        await pool.run("flaky", [file, 2, "die"], { retries: { limit: 1, backoff } });
        assert(runtime.now() - since >= 300, "Expected the second start to wait");
        const giveUp = new AbortController();
        const call = pool.run("flaky", [file, 99, "die"], {
          signal: giveUp.signal,
          retries: { limit: 1, backoff: { initial: 60_000, max: 60_000 } },
        });
        await until(runtime, async () => pool.stats().queued === 1 && pool.stats().live === 0, "it to rest");
        giveUp.abort();
        await rejection(call, "AbortError");
        assertEqual([(await starts()).length, results[1]?.retries], [3, 0], "starts and retries");
      }),
  },
];
