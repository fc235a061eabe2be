/** The end of a pool: nothing survives it, and it always comes. */
import type { PoolEvents } from "../../pool/events.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  isAlive,
  kill,
  pause,
  rejection,
  shell,
  until,
  within,
  withPool,
} from "../contract-case.ts";

export const closeCases: readonly ContractCase[] = [
  {
    name: "close: finishes running and queued calls, then no process is left; later calls reject",
    run: (subject) =>
      withPool(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool) => {
        await pool.ready();
        const calls = Array.from({ length: 6 }, () => pool.run("wait", [30]));
        const closing = pool.close();
        assert(pool.close() === closing, "Expected a second close to be the first");
        await rejection(pool.run("nothing"), "ERR_POOL_CLOSED");
        await rejection(pool.ready(), "ERR_POOL_CLOSED");
        await closing;
        const pids = new Set(await Promise.all(calls));
        for (const pid of pids) assert(!(await isAlive(subject.runtime, pid)), `Expected ${pid} to be gone`);
        assertEqual([pids.size, pool.stats().live, pool.workers], [2, 0, []], "pids, live and workers");
      }),
  },
  {
    name: "close: with `waiting: reject` what runs is finished, what waits rejects, in a worker or in the queue",
    async run(subject) {
      for (const prefetch of [0, 2]) {
        await withPool(subject, { maxWorkers: 1, prefetch }, async (pool, newFolder) => {
          const file = `${await newFolder()}/ran`;
          const end = `${file}-end`;
          const running = pool.run("untilThere", [end]);
          await until(subject.runtime, () => pool.stats().running === 1, "the first to run");
          const waiting = ["a", "b", "c", "d"].map((kind) =>
            rejection(pool.run("journal", [file, kind]), "ERR_POOL_CLOSED"),
          );
          const closing = pool.close({ waiting: "reject" });
          for (const error of await Promise.all(waiting)) assertEqual(error.task, "journal", "task");
          assertEqual(pool.stats().pending, 1, "pending");
          subject.runtime.openFile(end).close();
          assert(typeof (await running) === "number", "Expected the running call to resolve");
          await closing;
          const { stdout } = await shell(subject.runtime, `cat '${file}' 2>/dev/null`);
          assertEqual(stdout, "", "what a rejected call left");
        });
      }
    },
  },
  {
    name: "close: `waiting: reject` may follow a close that lets them finish",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const running = pool.run("wait", [200]);
        const waiting = rejection(pool.run("nothing"), "ERR_POOL_CLOSED");
        const closing = pool.close();
        assert(pool.close({ waiting: "reject" }) === closing, "Expected a second close to be the first");
        await waiting;
        await running.catch(() => {}); // it may not have begun
        await closing;
      }),
  },
  {
    name: "close: of a pool that never started a worker, and of one whose workers still start",
    async run(subject) {
      await withPool(subject, {}, (pool) => pool.close());
      await withPool(subject, { minWorkers: 2, maxWorkers: 2 }, (pool) => pool.close());
    },
  },
  {
    name: "close: at its timeout running calls reject, and a worker that traps SIGTERM in a busy loop is gone",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const pid = await pool.run("pid");
        const running = rejection(pool.run("spinTrapped"), "ERR_POOL_CLOSED");
        const queued = rejection(pool.run("nothing"), "ERR_POOL_CLOSED");
        await within(subject.runtime, 20_000, pool.close({ timeout: 400 }), "close() to resolve");
        await Promise.all([running, queued]);
        assert(!(await isAlive(subject.runtime, pid)), "Expected the process to be gone");
      }),
  },
  {
    name: "close: a teardown that throws, hangs or spins does not stop it",
    async run(subject) {
      for (const teardown of ["throw", "hang", "spin"]) {
        await withPool(
          subject,
          { maxWorkers: 1, killTimeout: 200, worker: { data: { teardown }, stderr: "ignore" } },
          async (pool) => {
            await pool.run("nothing");
            await within(subject.runtime, 20_000, pool.close(), `close() with a teardown that ${teardown}s`);
          },
        );
      }
    },
  },
  {
    name: "close: what a teardown threw is printed as well as possible, and the process ends as after any other error",
    async run(subject) {
      const worker = { data: { teardown: "throw unprintable" }, stderr: "capture" } as const;
      await withPool(subject, { maxWorkers: 1, worker }, async (pool) => {
        const lines: string[] = [];
        const codes: unknown[] = [];
        pool.on("stderr", ({ line }) => lines.push(line));
        pool.on("exit", ({ exit }) => codes.push(exit.code));
        await pool.run("nothing");
        await pool.close();
        assertEqual(codes, [1], "exit codes");
        assert(lines.join("\n").includes("teardown refuses"), `its message in ${JSON.stringify(lines)}`);
      });
    },
  },
  {
    name: "close: resolves with a worker that is never ready, stopped by SIGSTOP, or killed meanwhile",
    async run(subject) {
      const { runtime } = subject;
      await withPool(
        subject,
        { maxWorkers: 1, killTimeout: 200, worker: { data: { setup: "hang" } } },
        async (pool) => {
          const call = rejection(pool.run("nothing"), "ERR_POOL_CLOSED");
          await pause(runtime, 300);
          await within(runtime, 20_000, pool.close({ timeout: 300 }), "close() while a worker starts");
          await call;
        },
      );
      await withPool(subject, { maxWorkers: 1, killTimeout: 200 }, async (pool) => {
        await pool.run("stop");
        await pause(runtime, 100);
        await within(runtime, 20_000, pool.close({ timeout: 2_000 }), "close() of a stopped worker");
      });
      await withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const pid = await pool.run("pid");
        const file = `${await newFolder()}/journal`;
        const call = rejection(pool.run("journal", [file, "started", 60_000]), "ERR_WORKER_EXIT");
        await until(runtime, () => runtime.readFile(file) !== undefined, "the task to start");
        const closing = pool.close();
        await kill(runtime, pid, "KILL");
        await within(runtime, 20_000, closing, "close() during a crash");
        await call;
      });
    },
  },
  {
    name: "terminate: rejects every pending call and ends every worker, also during close",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, killTimeout: 300 }, async (pool) => {
        const pids = await Promise.all([pool.run("wait", [20]), pool.run("wait", [20])]);
        const calls = ["spinTrapped", "spin", "nothing"].map((name) =>
          rejection(pool.run(name as "spin"), "ERR_POOL_CLOSED"),
        );
        const closing = pool.close();
        await within(subject.runtime, 20_000, pool.terminate(), "terminate() to resolve");
        await closing;
        await Promise.all(calls);
        for (const pid of pids) assert(!(await isAlive(subject.runtime, pid)), `Expected ${pid} to be gone`);
      }),
  },
  {
    name: "await using: closes the pool at the end of the block",
    async run(subject) {
      const exits: PoolEvents["exit"][] = [];
      const pool = subject.createPool(subject.fixture, { maxWorkers: 1 });
      pool.on("exit", (event) => exits.push(event));
      await pool.run("nothing");
      await pool[Symbol.asyncDispose](); // `await using` written out: Node 22 does not support it
      assertEqual(
        exits.map(({ reason, exit }) => [reason, exit.code]),
        [["closed", 0]],
        "exits",
      );
    },
  },
  {
    name: "close: eight pools one after another, each with a worker",
    async run(subject) {
      for (let i = 0; i < 8; i++) {
        await withPool(subject, { maxWorkers: 1 }, async (pool) => {
          assertEqual(await pool.run("add", [i, 1]), i + 1, "sum");
          await pool.close();
        });
      }
    },
  },
];
