/** Tasks that wait in a worker: what a death, an abort, a timeout and `recycle.tasks` do to them. */
import type { PoolOptions } from "../../options/pool-options.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  killNow,
  pause,
  rejection,
  type Subject,
  until,
  within,
  withPool,
} from "../contract-case.ts";

const TASKS = 600;
const KILLS = 10;
const STUBBORN = { intensity: Number.POSITIVE_INFINITY, backoff: { initial: 1, factor: 1 } };

/** Kills a worker after every fiftieth completed task, at a random moment of the next. */
async function toilUnderKills(
  subject: Subject,
  pool: FixturePool,
  file: string,
): Promise<{ outcomes: Map<string, string>; kills: number }> {
  const outcomes = new Map<string, string>();
  const calls = Array.from({ length: TASKS }, (_, i) => {
    const line = `#${i}`;
    return pool.run("toil", [file, line, 1]).then(
      () => void outcomes.set(line, "done"),
      (error: { code: string }) => void outcomes.set(line, error.code),
    );
  });
  let kills = 0;
  while (kills < KILLS && outcomes.size < TASKS) {
    await until(
      subject.runtime,
      () => outcomes.size >= (kills + 1) * 50,
      `${(kills + 1) * 50} tasks that are over`,
    );
    await pause(subject.runtime, Math.random() * 3);
    const victim = pool.workers.find(({ state, finished }) => state === "busy" && finished > 0);
    if (victim?.pid !== undefined && killNow(victim.pid)) kills++;
  }
  await Promise.all(calls);
  return { outcomes, kills };
}

const exactness = (prefetch: NonNullable<PoolOptions["prefetch"]>): ContractCase => ({
  name: `ahead: ${KILLS} kills among ${TASKS} tasks, prefetch ${prefetch}: none runs twice, and only what had begun is lost`,
  run: (subject) =>
    withPool(
      subject,
      { minWorkers: 2, maxWorkers: 2, prefetch, restart: STUBBORN, worker: { stderr: "ignore" } },
      async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        await pool.ready();
        const { outcomes, kills } = await toilUnderKills(subject, pool, file);
        const begun = await pool.run("readJournal", [file]);
        assertEqual(new Set(begun).size, begun.length, "tasks that ran twice");
        const rejected = [...outcomes].filter(([, outcome]) => outcome !== "done");
        assertEqual(
          rejected.filter(([, outcome]) => outcome !== "ERR_WORKER_EXIT"),
          [],
          "other rejections",
        );
        // A kill can fall between the record of a start and the line that the task leaves.
        const missing = [...outcomes.keys()].filter((line) => !begun.includes(line));
        assert(
          missing.length <= kills && missing.every((line) => outcomes.get(line) !== "done"),
          `Expected every task to have begun, ${missing} have not`,
        );
        assert(
          rejected.length <= kills,
          `Expected at most one lost task for each of ${kills} kills, received ${rejected.length}`,
        );
        assertEqual(kills, KILLS, "kills");
      },
    ),
});

export const sendingAheadCases: readonly ContractCase[] = [
  exactness(32),
  exactness("auto"),
  {
    name: "ahead: timeout counts from when a task begins, not from when it was sent",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, prefetch: 16 }, async (pool) => {
        await pool.run("nothing");
        const calls = Array.from({ length: 12 }, () => pool.run("block", [300], { timeout: 3_000 }));
        await Promise.all(calls); // twelve times 300 ms
        assertEqual(pool.stats().restarts, 0, "restarts");
      }),
  },
  {
    name: "ahead: when a task times out its worker is killed, and another runs what waited in it",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, prefetch: 16, killTimeout: 50, worker: { stderr: "ignore" } },
        async (pool, newFolder) => {
          const file = `${await newFolder()}/journal`;
          const first = await pool.run("pid");
          const endless = pool.run("spin", [], { timeout: 50 });
          const behind = [1, 2, 3].map((n) => pool.run("toil", [file, `#${n}`, 0]));
          await rejection(endless, "ERR_TASK_TIMEOUT");
          assertEqual(await Promise.all(behind), ["#1", "#2", "#3"], "results");
          assertEqual(
            await pool.run("readJournal", [file]),
            ["#1", "#2", "#3"],
            "begun, each once and in order",
          );
          assert((await pool.run("pid")) !== first, "Expected another worker");
        },
      ),
  },
  {
    name: "ahead: an abort removes a task from the worker; its neighbours and the worker stay",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, prefetch: 16, killTimeout: 100 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const before = await pool.run("pid");
        const giveUp = new AbortController();
        const end = `${file}-end`;
        const running = pool.run("untilThere", [end]);
        const given = pool.run("toil", [file, "aborted", 0], { signal: giveUp.signal });
        const behind = pool.run("toil", [file, "behind", 0]);
        await until(subject.runtime, () => pool.stats().running === 1, "the first to run");
        giveUp.abort(new Error("enough"));
        assertEqual((await rejection(given, "Error")).message, "enough", "reason");
        subject.runtime.openFile(end).close();
        assertEqual([await running, await behind], [before, "behind"], "results");
        assertEqual(await pool.run("readJournal", [file]), ["behind"], "begun");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "ahead: a call with queueTimeout is not sent, so that it has not begun when it rejects",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, prefetch: 16 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        await pool.run("nothing");
        const end = `${file}-end`;
        const running = pool.run("blockUntilThere", [end]);
        const late = pool.run("toil", [file, "late", 0], { queueTimeout: 50 });
        await rejection(late, "ERR_QUEUE_TIMEOUT");
        subject.runtime.openFile(end).close();
        await running;
        assertEqual(await pool.run("readJournal", [file]), [], "begun");
      }),
  },
  {
    name: "ahead: no more tasks overlap in a worker than concurrentTasksPerWorker, and as many do",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, prefetch: 16, concurrentTasksPerWorker: 3 }, async (pool) => {
        await pool.run("nothing");
        const overlaps = await Promise.all(Array.from({ length: 15 }, () => pool.run("overlap", [20])));
        assertEqual(Math.max(...overlaps), 3, "most at once");
      }),
  },
  {
    name: "ahead: a short task does not wait behind a long one while another worker is free",
    run: (subject) =>
      withPool(subject, { minWorkers: 2, maxWorkers: 2 }, async (pool, newFolder) => {
        await pool.ready();
        const end = `${await newFolder()}/end`;
        for (let i = 0; i < 200; i++) await Promise.all([pool.run("block", [0]), pool.run("block", [0])]);
        const long = pool.run("untilThere", [end]); // whose run time is not known yet
        const short = Array.from({ length: 200 }, () => pool.run("block", [0]));
        await within(subject.runtime, 60_000, Promise.all(short), "the short ones, while the long one runs");
        subject.runtime.openFile(end).close();
        await long;
      }),
  },
  {
    name: "ahead: what waits in a worker counts as queued; close() finishes it, terminate() rejects it",
    run: async (subject) => {
      for (const end of ["close", "terminate"] as const) {
        await withPool(subject, { maxWorkers: 1, prefetch: 16 }, async (pool) => {
          await pool.run("nothing");
          const calls = [1, 2, 3].map((n) =>
            pool.run("wait", [n * 50]).then(
              () => "done",
              (error: { code: string }) => error.code,
            ),
          );
          assertEqual([pool.stats().running, pool.stats().queued], [1, 2], "running and queued");
          await pool[end]();
          const expected = end === "close" ? "done" : "ERR_POOL_CLOSED";
          assertEqual(await Promise.all(calls), [expected, expected, expected], end);
        });
      }
    },
  },
  {
    name: "ahead: answers do not wait for a next task that takes long",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, prefetch: 16 }, async (pool) => {
        await pool.run("nothing");
        const ends: string[] = [];
        const short = pool.run("nothing").then(() => ends.push("short"));
        const long = pool.run("spin", [], { timeout: 2_000 }).catch(() => ends.push("long"));
        await Promise.all([short, long]);
        assertEqual(ends, ["short", "long"], "order"); // and not only after the worker was killed
        assertEqual(pool.stats().completed, 2, "completed");
      }),
  },
  {
    name: "ahead: a worker is given no more than recycle.tasks lets it do",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, prefetch: 16, recycle: { tasks: 3, jitter: 0 } }, async (pool) => {
        const pids = await Promise.all(Array.from({ length: 12 }, () => pool.run("pid")));
        const counts = new Map<number, number>();
        for (const pid of pids) counts.set(pid, (counts.get(pid) ?? 0) + 1);
        assert(
          Math.max(...counts.values()) <= 6,
          `Expected at most 6 tasks a worker, received ${[...counts.values()]}`,
        );
      }),
  },
  {
    name: "ahead: a worker that dies by itself loses nothing that waited in it, even when it kept its journal in mapped memory",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, prefetch: 64, restart: STUBBORN, worker: { stderr: "ignore" } },
        async (pool, newFolder) => {
          const file = `${await newFolder()}/journal`;
          for (let i = 0; i < 10; i++)
            await Promise.all(Array.from({ length: 50 }, () => pool.run("nothing")));
          const last = pool.run("exit", [3]);
          const behind = Array.from({ length: 40 }, (_, n) => pool.run("toil", [file, `#${n}`, 0]));
          await rejection(last, "ERR_WORKER_EXIT");
          await Promise.all(behind);
          const begun = await pool.run("readJournal", [file]);
          assertEqual([begun.length, new Set(begun).size], [40, 40], "begun, each once");
          await kill(subject.runtime, pool.workers[0]?.pid, "KILL");
        },
      ),
  },
];
