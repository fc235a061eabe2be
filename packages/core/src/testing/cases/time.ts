/** Aborts and time limits, of waiting and of running calls. */
import {
  assert,
  assertEqual,
  type ContractCase,
  isAlive,
  rejection,
  until,
  withPool,
} from "../contract-case.ts";

const KILL_TIMEOUT = 300;

export const timeCases: readonly ContractCase[] = [
  {
    name: "abort: before the call rejects with the reason itself and starts nothing",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const reason = { because: "no" };
        const outcome = await pool
          .run("spin", [], { signal: AbortSignal.abort(reason) })
          .catch((error: unknown) => error);
        assert(outcome === reason, "Expected the reason itself");
        assertEqual([pool.stats().live, pool.stats().submitted], [0, 0], "live and submitted");
      }),
  },
  {
    name: "abort: of a waiting call takes it out; what waits behind it runs",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const giveUp = new AbortController();
        const running = pool.run("wait", [50]);
        const waiting = pool.run("spin", [], { signal: giveUp.signal });
        const behind = pool.run("add", [1, 2]);
        giveUp.abort();
        await rejection(waiting, "AbortError");
        await running;
        assertEqual(await behind, 3, "behind");
      }),
  },
  {
    name: "abort: of a running task rejects at once; a task that stops in time keeps its worker",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 20_000 }, async (pool) => {
        const before = await pool.run("pid");
        const giveUp = new AbortController();
        const call = pool.run("untilAborted", [], { signal: giveUp.signal });
        giveUp.abort(new Error("enough"));
        const error = await rejection(call, "Error");
        assertEqual(error.message, "enough", "reason");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "abort: the task sees the reason in task().signal",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/reason`;
        await pool.run("nothing"); // so that the call starts at once
        const giveUp = new AbortController();
        const call = pool.run("abortReason", [file], { signal: giveUp.signal });
        giveUp.abort(new TypeError("enough"));
        await rejection(call, "TypeError");
        assertEqual(await pool.run("readJournal", [file]), ["TypeError: enough"], "seen");
      }),
  },
  {
    name: "abort: a task that does not stop loses its worker after killTimeout; later calls run",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: KILL_TIMEOUT }, async (pool) => {
        const before = await pool.run("pid");
        const giveUp = new AbortController();
        const call = pool.run("spinTrapped", [], { signal: giveUp.signal });
        giveUp.abort();
        await rejection(call, "AbortError");
        assertEqual(pool.stats().live, 1, "live: the slot is taken until the process is gone");
        assert((await pool.run("pid")) !== before, "Expected another process");
        assert(!(await isAlive(subject.runtime, before)), "Expected the old process to be gone");
      }),
  },
  {
    name: "abort: spares a worker whose other tasks were not aborted, and kills it once these have ended",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, concurrentTasksPerWorker: 2, killTimeout: 20 },
        async (pool, newFolder) => {
          const pid = await pool.run("pid");
          const file = `${await newFolder()}/begun`;
          const giveUp = new AbortController();
          const call = pool.run("journal", [file, "begun", 100_000], { signal: giveUp.signal });
          await until(subject.runtime, () => subject.runtime.readFile(file) !== undefined, "its start");
          const neighbour = pool.run("wait", [400]);
          giveUp.abort();
          await rejection(call, "AbortError");
          assertEqual(await neighbour, pid, "the neighbour's process");
          await until(
            subject.runtime,
            async () => !(await isAlive(subject.runtime, pid)),
            "the process to be gone",
          );
        },
      ),
  },
  {
    name: "timeout: counts run time only, and kills a worker that traps SIGTERM in a busy loop",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: KILL_TIMEOUT }, async (pool) => {
        const pid = await pool.run("pid");
        const first = pool.run("wait", [3_200]);
        const patient = pool.run("wait", [10], { timeout: 2_800 });
        await first;
        await patient;
        const error = await rejection(pool.run("spinTrapped", [], { timeout: 50 }), "ERR_TASK_TIMEOUT");
        assert(error.message.includes("50 ms"), `Expected the limit in: ${error.message}`);
        assertEqual([error.task, error.pid], ["spinTrapped", pid], "task and process");
        await pool.run("nothing");
        await until(
          subject.runtime,
          async () => !(await isAlive(subject.runtime, pid)),
          "the process to be gone",
        );
      }),
  },
  {
    name: "timeout: of the pool holds for every call, and a call can lift it",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, timeout: 60 }, async (pool) => {
        await rejection(pool.run("untilAborted"), "ERR_TASK_TIMEOUT");
        await pool.run("wait", [150], { timeout: Number.POSITIVE_INFINITY });
      }),
  },
  {
    name: "queueTimeout: a call that waits longer rejects and is not started",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const end = `${file}-end`;
        const running = pool.run("untilThere", [end]);
        await rejection(pool.run("journal", [file, "late"], { queueTimeout: 30 }), "ERR_QUEUE_TIMEOUT");
        subject.runtime.openFile(end).close();
        await running;
        assertEqual(await pool.run("readJournal", [file]), [], "started");
      }),
  },
  {
    name: "abort: of running and waiting calls in any order holds up no later call",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 20_000 }, async (pool) => {
        for (const order of [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ]) {
          const giveUp = [0, 1, 2].map(() => new AbortController());
          const calls = giveUp.map(({ signal }) =>
            rejection(pool.run("untilAborted", [], { signal }), "AbortError"),
          );
          const behind = pool.run("add", [1, 2]);
          for (const i of order) giveUp[i]?.abort();
          await Promise.all(calls);
          assertEqual(await behind, 3, "behind");
        }
      }),
  },
  {
    name: "abort: leaves no listener on the signal of a call that has settled",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const { signal } = new AbortController();
        let listeners = 0;
        const add = signal.addEventListener.bind(signal);
        const remove = signal.removeEventListener.bind(signal);
        signal.addEventListener = (...args: Parameters<typeof add>) => {
          listeners++;
          add(...args);
        };
        signal.removeEventListener = (...args: Parameters<typeof remove>) => {
          listeners--;
          remove(...args);
        };
        for (let i = 0; i < 5; i++) await pool.run("add", [i, i], { signal });
        assertEqual(listeners, 0, "listeners");
      }),
  },
];
