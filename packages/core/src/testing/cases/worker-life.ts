/** Spare workers, and healthy workers that are replaced. */

import type { PoolOptions } from "../../options/pool-options.ts";
import type { PoolEvents } from "../../pool/events.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  type Subject,
  until,
  within,
  withPool,
} from "../contract-case.ts";

/** What happened to the workers, in order. */
interface Life {
  readonly event: "ready" | "exit";
  readonly pid: number | undefined;
  readonly reason?: string;
}

function chronicle(pool: FixturePool): Life[] {
  const lives: Life[] = [];
  pool.on("ready", ({ worker }) => lives.push({ event: "ready", pid: worker.pid }));
  pool.on("exit", ({ worker, reason }) => lives.push({ event: "exit", pid: worker.pid, reason }));
  return lives;
}

/** Asserts that another was ready before the first recycled worker was gone. */
function assertReplacedFirst(lives: readonly Life[]): void {
  const exit = lives.findIndex(({ event }) => event === "exit");
  assertEqual(lives[exit]?.reason, "recycled", "reason of the first exit");
  assert(
    lives.slice(0, exit).some(({ event, pid }) => event === "ready" && pid !== lives[exit]?.pid),
    "Expected the replacement to be ready before the old worker is gone",
  );
}

/** Makes calls without a pause until the first worker has been replaced. */
function replaced(subject: Subject, options: PoolOptions): Promise<void> {
  return withPool(subject, { maxWorkers: 2, ...options }, async (pool) => {
    const lives = chronicle(pool);
    const pids = new Set<number>();
    const isOver = () => lives.some(({ event }) => event === "exit");
    const calls = async () => {
      while (!isOver()) pids.add(await pool.run("wait", [20]));
    };
    await within(subject.runtime, 30_000, calls(), "a worker to be replaced");
    assertReplacedFirst(lives);
    pids.add(await pool.run("pid"));
    assert(pids.size > 1, "Expected more than one process");
    assertEqual([pool.stats().failed, pool.stats().restarts], [0, 0], "failed and restarts");
  });
}

export const workerLifeCases: readonly ContractCase[] = [
  {
    name: "spares: a spare takes no task until a worker is gone, and then takes its place at once",
    run: (subject) =>
      withPool(
        subject,
        { minWorkers: 1, maxWorkers: 2, spares: 1, worker: { stderr: "ignore" } },
        async (pool) => {
          const { runtime } = subject;
          await until(runtime, () => pool.stats().idle === 2, "the worker and its reserve");
          const pids = await Promise.all(Array.from({ length: 4 }, () => pool.run("wait", [10])));
          assertEqual(new Set(pids).size, 1, "processes that took tasks");
          const spare = pool.workers.find(({ pid }) => pid !== pids[0])?.pid;
          const starts: PoolEvents["start"][] = [];
          pool.on("start", (event) => starts.push(event));
          const gone = new Promise((resolve) => pool.on("exit", resolve));
          await kill(runtime, pids[0], "KILL");
          await within(runtime, 10_000, gone, "its exit");
          assertEqual(await pool.run("pid"), spare, "the process of the next call");
          await until(runtime, () => pool.stats().idle === 2, "another reserve");
          assertEqual(starts.length, 1, "workers started");
        },
      ),
  },
  {
    name: "recycle: by tasks: another process, its replacement ready before it goes, no call lost",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2, recycle: { tasks: 5, jitter: 0 } }, async (pool) => {
        const lives = chronicle(pool);
        const first = await pool.run("pid");
        for (let i = 2; i < 5; i++) assertEqual(await pool.run("pid"), first, `process of call ${i}`);
        assertEqual(pool.stats().live, 1, "live before the limit");
        await pool.run("pid");
        await until(subject.runtime, () => lives.some(({ event }) => event === "exit"), "its exit");
        assertReplacedFirst(lives);
        assert((await pool.run("pid")) !== first, "Expected another process");
        // Faster than replacements start.
        await Promise.all(Array.from({ length: 30 }, () => pool.run("wait", [1])));
        assertEqual([pool.stats().failed, pool.stats().restarts], [0, 0], "failed and restarts");
      }),
  },
  {
    name: "recycle: exactly so many tasks a process, whatever is sent ahead, retried or keyed; no call is lost",
    async run(subject) {
      for (const [tasks, prefetch, maxWorkers] of [
        [1, 4, 2],
        [2, "auto", 3],
        [2, 0, 2],
        [3, 8, 1],
      ] as const) {
        const options = { maxWorkers, prefetch, recycle: { tasks, exact: true } };
        await withPool(subject, options, async (pool) => {
          const calls = Array.from({ length: 8 }, (_, i) => pool.run("pid", [], { key: `${i % 5}` }));
          for (let i = 0; i < 4; i++) calls.push(pool.run("pid"));
          const seen = new Map<number, number>();
          for (const pid of await Promise.all(calls)) seen.set(pid, (seen.get(pid) ?? 0) + 1);
          const most = Math.max(...seen.values());
          assert(most <= tasks, `Expected at most ${tasks} tasks a process, received ${[...seen.values()]}`);
          if (maxWorkers === 1) assertEqual([...seen.values()], Array(12 / tasks).fill(tasks), "tasks");
        });
      }
    },
  },
  {
    name: "recycle: exactly so many attempts a process, where tasks throw or die and are made again",
    async run(subject) {
      for (const [manner, tasks, maxWorkers] of [
        ["throw", 2, 1],
        ["throw", 3, 2],
        ["die", 2, 2],
      ] as const) {
        const options = {
          maxWorkers,
          recycle: { tasks, exact: true },
          worker: { stderr: "ignore" },
        } as const;
        await withPool(subject, options, async (pool, newFolder) => {
          const file = `${await newFolder()}/starts`;
          const retries = { limit: 9, backoff: { initial: 1 }, when: () => true };
          const calls = [
            ...Array.from({ length: 3 }, () => pool.run("flaky", [file, 6, manner], { retries })),
            ...Array.from({ length: 8 }, () => pool.run("pid", [], { retries: { limit: 9 } })),
          ];
          const [first, second, third, ...others] = await Promise.all(calls);
          const attempts = await pool.run("readJournal", [file]);
          for (const pid of [first, second, third]) {
            assert(attempts.includes(String(pid)), `Expected an attempt in ${pid}, received ${attempts}`);
          }
          const seen = new Map<string, number>();
          for (const pid of [...attempts, ...others.map(String)]) seen.set(pid, (seen.get(pid) ?? 0) + 1);
          const counts = [...seen.values()];
          assert(Math.max(...counts) <= tasks, `Expected at most ${tasks} a process, received ${counts}`);
          assert(attempts.length >= 8, `Expected five failures and three successes, received ${attempts}`);
        });
      }
    },
  },
  {
    name: "recycle: exactly so many tasks a process, beside the broadcast that each new one runs first",
    async run(subject) {
      for (const [tasks, maxWorkers] of [
        [1, 1],
        [2, 1],
        [2, 2],
      ] as const) {
        await withPool(subject, { maxWorkers, recycle: { tasks, exact: true } }, async (pool) => {
          await pool.broadcast("keep", ["always"], { later: true });
          const kept = Array.from({ length: 2 }, () => pool.run("recall"));
          const pids = await Promise.all(Array.from({ length: 4 }, () => pool.run("pid")));
          assertEqual(await Promise.all(kept), Array(2).fill("always"), "what each process was told first");
          const counts = [...new Set(pids)].map((pid) => pids.filter((other) => other === pid).length);
          assert(Math.max(...counts) <= tasks, `Expected at most ${tasks} a process, received ${counts}`);
          if (maxWorkers === 1) assertEqual(counts, Array(4 / tasks).fill(tasks), "tasks of each process");
        });
      }
    },
  },
  {
    name: "recycle: by age, also when it is idle",
    async run(subject) {
      await replaced(subject, { recycle: { age: 500, jitter: 0 } });
      await withPool(subject, { minWorkers: 1, maxWorkers: 2, recycle: { age: 300 } }, async (pool) => {
        const lives = chronicle(pool);
        await pool.ready();
        await until(subject.runtime, () => lives.some(({ event }) => event === "exit"), "an exit");
        assertReplacedFirst(lives);
      });
    },
  },
  {
    name: "recycle: by resident memory",
    run: (subject) => replaced(subject, { recycle: { rss: 1, jitter: 0 } }),
  },
  {
    name: "recycle: where maxWorkers leaves no room, one leaves before the other starts, each with its teardown, and no call is lost",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (helper, newFolder) => {
        const journal = `${await newFolder()}/journal`;
        const options = { maxWorkers: 1, recycle: { tasks: 4, jitter: 0 }, worker: { data: { journal } } };
        await withPool(subject, options, async (pool) => {
          const pids = new Set<number>();
          for (let round = 0; round < 3; round++) {
            const calls = Array.from({ length: 4 }, () => pool.run("wait", [1]));
            for (const pid of await Promise.all(calls)) pids.add(pid);
          }
          assertEqual(pool.stats().failed, 0, "failed");
          await pool.close();
          assert(pids.size >= 2, `Expected more than one process, received ${pids.size}`);
          const lines = await helper.run("readJournal", [journal]);
          const expected = [...pids].flatMap((pid) => [`setup ${pid}`, `teardown ${pid}`]);
          // The last may have been replaced once more, by one that ran none of them.
          assertEqual(lines.slice(0, expected.length), expected, "hooks");
        });
      }),
  },
];
