/** Only the call at fault rejects: whose calls a death rejects, what counts against the restart intensity, and which time counts. */
import type { PoolEvents } from "../../pool/events.ts";
import { block } from "../block.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  rejection,
  until,
  within,
  withPool,
} from "../contract-case.ts";

const QUIET = { worker: { stderr: "ignore" } } as const;

export const blameCases: readonly ContractCase[] = [
  ...(["exit", "die", "throwUncaught"] as const).flatMap((name) =>
    (name === "exit" ? [1, 2] : [2]).map(
      (maxWorkers): ContractCase => ({
        name: `blame: twelve calls of \`${name}\` reject by themselves, and delay none behind them, with ${maxWorkers} workers`,
        run: (subject) =>
          withPool(subject, { ...QUIET, maxWorkers }, async (pool) => {
            let isBroken = false;
            pool.on("broken", () => {
              isBroken = true;
            });
            const args = name === "exit" ? [1] : name === "die" ? ["SIGKILL"] : [];
            const bad = Array.from({ length: 12 }, () =>
              rejection(pool.run(name as "exit", args as [number]), "ERR_WORKER_EXIT"),
            );
            const good = Array.from({ length: 4 }, (_, i) => pool.run("add", [i, 1]));
            assertEqual(
              await within(subject.runtime, 40_000, Promise.all(good), "results"),
              [1, 2, 3, 4],
              "good",
            );
            await Promise.all(bad);
            assert(!isBroken, "Expected the pool not to be broken");
          }),
      }),
    ),
  ),
  {
    name: "blame: what the pool itself ends (memory, timeout, abort) does not count",
    run: (subject) =>
      withPool(
        subject,
        {
          maxWorkers: 1,
          killTimeout: 50,
          restart: { intensity: 0 },
          worker: { stderr: "ignore", limits: { memory: 400 * 2 ** 20 } },
        },
        async (pool) => {
          const giveUp = new AbortController();
          const bad = [
            rejection(pool.run("spin", [], { timeout: 100 }), "ERR_TASK_TIMEOUT"),
            rejection(pool.run("grow"), "ERR_WORKER_EXIT"),
            rejection(pool.run("spin", [], { signal: giveUp.signal }), "AbortError"),
          ];
          const good = pool.run("add", [1, 2]);
          await Promise.all(bad.slice(0, 2));
          giveUp.abort();
          assertEqual(await good, 3, "good");
          await bad[2];
        },
      ),
  },
  {
    name: "blame: a task that kills its worker repeatedly uses up only its own attempts",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, restart: { intensity: 1 } }, async (pool) => {
        const retries = { limit: 4, backoff: { initial: 1 } };
        const bad = rejection(pool.run("die", ["SIGKILL"], { retries }), "ERR_WORKER_EXIT");
        const good = Array.from({ length: 4 }, (_, i) => pool.run("add", [i, 1]));
        assertEqual(await Promise.all(good), [1, 2, 3, 4], "good");
        await bad;
      }),
  },
  ...(["timer", "rejection", "microtask"] as const).map(
    (manner): ContractCase => ({
      name: `blame: the uncaught error (${manner}) is the cause of its worker's end`,
      run: (subject) =>
        withPool(subject, { ...QUIET, maxWorkers: 1 }, async (pool) => {
          const error = await rejection(pool.run("dieOf", [manner]), "ERR_WORKER_EXIT");
          const cause = error.cause as Error & { code: string };
          assertEqual(
            [cause?.name, cause?.message, cause?.code, cause?.cause],
            ["RangeError", `of a ${manner}`, "E_LATE", "the cause"],
            "cause",
          );
          assert(cause instanceof RangeError, "Expected the class of the error");
          assert(error.message.includes(`of a ${manner}`), `Expected it in: ${error.message}`);
          assertEqual(error.exitCode, 1, "exit code");
        }),
    }),
  ),
  {
    name: "blame: an idle worker that dies of an error says so in its exit event; with several tasks the message says that too",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, concurrentTasksPerWorker: 2 }, async (pool) => {
        const exits: PoolEvents["exit"][] = [];
        pool.on("exit", (event) => exits.push(event));
        await pool.run("endAfterwards", ["reject", 1]);
        await until(subject.runtime, () => exits.length === 1, "its end");
        const [exit] = exits;
        assertEqual((exit?.error?.cause as Error | undefined)?.message, "late", "cause of the event's error");
        assertEqual(
          [exit?.error?.code, exit?.error?.pid, exit?.error?.exitCode],
          ["ERR_WORKER_EXIT", exit?.worker.pid, 1],
          "error of the event",
        );
        const other = rejection(pool.run("wait", [60_000]), "ERR_WORKER_EXIT");
        const guilty = rejection(pool.run("dieOf", ["timer", 100]), "ERR_WORKER_EXIT");
        for (const error of [await guilty, await other]) {
          assertEqual((error.cause as Error).message, "of a timer", "cause");
          assert(error.message.includes("1 more"), `Expected the others in: ${error.message}`);
        }
      }),
  },
  {
    name: "blame: an error that the module catches itself is not the cause of a later death",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1 }, async (pool) => {
        assertEqual(await pool.run("survive"), "caught after all", "what it caught");
        const error = await rejection(pool.run("exit", [3]), "ERR_WORKER_EXIT");
        assertEqual([error.cause, error.exitCode], [undefined, 3], "cause and exit code");
      }),
  },
  {
    name: "time: while the host is blocked, no limit counts: right after the call, while it runs, while it waits",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, startTimeout: 10_000 }, async (pool) => {
        const starting = pool.run("nothing");
        block(100);
        await starting;
        for (let i = 0; i < 2; i++) {
          const call = pool.run("add", [i, 1], { timeout: 1_200 });
          block(1_400);
          assertEqual(await call, i + 1, "blocked at once");
          const running = pool.run("wait", [50], { timeout: 1_200 });
          const waiting = pool.run("add", [i, 2], { queueTimeout: 1_500 });
          await pool.ready();
          await Promise.resolve();
          block(1_800);
          await running;
          assertEqual(await waiting, i + 2, "blocked while it waited");
        }
      }),
  },
  {
    name: "time: a start is not late because the host was blocked",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, startTimeout: 4_000 }, async (pool) => {
        const call = pool.run("add", [1, 2]);
        await Promise.resolve();
        block(4_300);
        assertEqual(await call, 3, "result");
      }),
  },
  {
    name: "time: a task that takes too long times out even if the host was blocked",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, killTimeout: 200 }, async (pool) => {
        await pool.run("nothing");
        const call = rejection(pool.run("wait", [60_000], { timeout: 200 }), "ERR_TASK_TIMEOUT");
        block(300);
        await within(subject.runtime, 20_000, call, "the end of its time");
      }),
  },
  {
    name: "time: a host that was stopped or blocked kills no worker that responds",
    run: (subject) =>
      withPool(subject, { ...QUIET, maxWorkers: 1, hangTimeout: 3_000 }, async (pool) => {
        const pid = await pool.run("pid");
        const call = pool.run("wait", [500]);
        await until(subject.runtime, () => pool.stats().running === 1, "the call to run");
        block(4_000);
        assertEqual(await call, pid, "pid");
      }),
  },
];
