/** Which call runs where and when: workers, concurrency, order, bounds. */
import {
  assert,
  assertEqual,
  type ContractCase,
  pause,
  rejection,
  until,
  withPool,
} from "../contract-case.ts";

export const queueCases: readonly ContractCase[] = [
  {
    name: "queue: tasks run in parallel, on at most maxWorkers processes, and their ids are 1 to maxWorkers",
    run: (subject) =>
      withPool(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool) => {
        let most = 0;
        pool.on("start", () => {
          most = Math.max(most, pool.workers.length);
        });
        await pool.ready(); // otherwise the first worker may finish everything before the second is ready
        const pids = await Promise.all(Array.from({ length: 6 }, () => pool.run("wait", [50])));
        assertEqual([new Set(pids).size, most], [2, 2], "processes");
        assertEqual(pool.workers.map(({ id }) => id).sort(), [1, 2], "ids");
      }),
  },
  {
    name: "queue: a burst on a cold pool starts all workers at once; one call starts one",
    run: (subject) =>
      withPool(subject, { maxWorkers: 3 }, async (pool) => {
        const first = pool.run("wait", [1]);
        assertEqual(pool.stats().live, 1, "live after one call");
        const others = [1, 2, 3].map(() => pool.run("wait", [1]));
        assertEqual(pool.stats().live, 3, "live after four calls");
        await Promise.all([first, ...others]);
      }),
  },
  {
    name: "queue: an idle worker is used before another is started",
    run: (subject) =>
      withPool(subject, { maxWorkers: 4 }, async (pool) => {
        const first = await pool.run("pid");
        for (let i = 0; i < 5; i++) assertEqual(await pool.run("pid"), first, "pid");
        assertEqual(pool.stats().live, 1, "live");
      }),
  },
  {
    name: "queue: concurrentTasksPerWorker tasks overlap in one process and the next one waits",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 3 }, async (pool) => {
        await pool.run("nothing");
        const calls = [1, 2, 3, 4].map(() => pool.run("wait", [100]));
        const { running, queued } = pool.stats();
        assertEqual([running, queued], [3, 1], "running and queued");
        assertEqual(new Set(await Promise.all(calls)).size, 1, "processes");
      }),
  },
  {
    name: "queue: first come, first served, also around an aborted call",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const giveUp = new AbortController();
        const calls = ["a", "b", "c", "d"].map((line) => {
          const options = line === "b" ? { signal: giveUp.signal } : {};
          return pool.run("journal", [file, line, 5], options);
        });
        giveUp.abort(new Error("not b"));
        const outcomes = await Promise.allSettled(calls);
        assertEqual(outcomes.map(({ status }) => status[0]).join(""), "frff", "outcomes");
        assertEqual(await pool.run("readJournal", [file]), ["a", "c", "d"], "order");
      }),
  },
  {
    name: "queue: one call more than maxQueue rejects, and the others go on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, maxQueue: 2 }, async (pool) => {
        const accepted = [1, 2, 3].map(() => pool.run("wait", [20]));
        await rejection(pool.run("wait", [20]), "ERR_QUEUE_FULL");
        await Promise.all(accepted);
        await pool.run("wait", [1]);
      }),
  },
  {
    name: "queue: maxQueue 0 accepts only what can start now",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, maxQueue: 0 }, async (pool) => {
        const accepted = [pool.run("wait", [20]), pool.run("wait", [20])];
        await rejection(pool.run("wait", [20]), "ERR_QUEUE_FULL");
        await Promise.all(accepted);
        await pool.run("wait", [1]);
      }),
  },
  {
    name: 'queue: maxQueue "auto" lets the square of the tasks that run at once wait',
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 2, maxQueue: "auto" }, async (pool) => {
        const accepted = Array.from({ length: 2 + 4 }, () => pool.run("wait", [10]));
        await rejection(pool.run("nothing"), "ERR_QUEUE_FULL");
        await Promise.all(accepted);
      }),
  },
  {
    name: "queue: needsDrain and drain are emitted once each time it is full, with a bound and without",
    async run(subject) {
      for (const maxQueue of [4, Number.POSITIVE_INFINITY]) {
        await withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 2, maxQueue }, async (pool) => {
          const heard: string[] = [];
          pool.on("needsDrain", () => heard.push(`full ${pool.needsDrain} ${pool.stats().queued}`));
          pool.on("drain", () => heard.push(`empty ${pool.needsDrain} ${pool.stats().queued}`));
          for (let round = 1; round <= 2; round++) {
            const calls = Array.from({ length: 6 }, () => pool.run("wait", [5]));
            assertEqual(heard.length, round * 2 - 1, "events while it is full");
            await Promise.all([...calls, calls[0]?.then(() => pool.run("nothing"))]);
          }
          assertEqual(heard, Array(2).fill(["full true 4", "empty false 0"]).flat(), "events");
        });
      }
    },
  },
  {
    name: "queue: ten thousand calls that have waited and settled leave nothing in memory",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 64 }, async (pool) => {
        const calls: WeakRef<Promise<void>>[] = [];
        const callAll = async () => {
          const promises = Array.from({ length: 10_000 }, () => pool.run("nothing"));
          for (const promise of promises) calls.push(new WeakRef(promise));
          await Promise.all(promises);
        };
        await callAll();
        let pressure: unknown;
        const isFreed = () => {
          pressure = Array.from({ length: 500 }, () => new Array(20_000).fill(0)); // so that there is a whole collection
          return calls.filter((call) => call.deref() !== undefined).length < 100;
        };
        await until(subject.runtime, isFreed, "all but a few to be collected");
        assertEqual([pool.stats().pending, pressure !== undefined], [0, true], "pending, and pressure");
      }),
  },
  {
    name: "stats: the counts add up at every event",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2 }, async (pool) => {
        let checks = 0;
        const check = () => {
          checks++;
          const s = pool.stats();
          assertEqual(s.live, s.starting + s.idle + s.busy + s.stopping, "live");
          assertEqual(s.pending, s.queued + s.running, "pending");
          assertEqual(s.submitted, s.completed + s.failed + s.pending, "submitted");
          assertEqual(s.live, pool.workers.length, "workers");
        };
        for (const event of ["start", "ready", "exit"] as const) pool.on(event, check);
        const calls: Promise<unknown>[] = [];
        for (let i = 0; i < 20; i++) {
          const call =
            i % 7 === 3
              ? pool.run("exit", [1])
              : i % 5 === 2
                ? pool.run("failPlain", ["no"])
                : pool.run("wait", [2]);
          calls.push(call.then(check, check));
          check();
        }
        await Promise.all(calls);
        await pause(subject.runtime, 10);
        check();
        const { submitted, failed } = pool.stats();
        assertEqual([submitted, failed], [20, 6], "submitted and failed");
        assert(checks > 45, `Expected a check at each step, received ${checks}`);
      }),
  },
];
