/** Which call goes first, and which calls go to the same worker. */
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  rejection,
  until,
  withPool,
} from "../contract-case.ts";

/** Two workers, both ready: their pids. */
async function warm(pool: FixturePool): Promise<number[]> {
  await pool.ready();
  return pool.workers.map(({ pid }) => pid as number);
}

const TWO = { minWorkers: 2, maxWorkers: 2 } as const;

export const priorityAndKeyCases: readonly ContractCase[] = [
  {
    name: "priority: the higher goes first, and of equals the first come",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const running = pool.run("wait", [50]);
        const waiting = [
          ["low", -1000],
          ["a", 0],
          ["high", 1000],
          ["b", 0],
          ["higher", 2000],
        ] as const;
        const calls = waiting.map(([line, priority]) => pool.run("journal", [file, line], { priority }));
        await Promise.all([running, ...calls]);
        assertEqual(await pool.run("readJournal", [file]), ["higher", "high", "a", "b", "low"], "order");
      }),
  },
  {
    name: "priority: a low one is not starved: a second of waiting is worth a step",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool, newFolder) => {
        const { runtime } = subject;
        const file = `${await newFolder()}/journal`;
        await pool.run("nothing");
        const giveUp = new AbortController();
        const running = rejection(pool.run("untilAborted", [], { signal: giveUp.signal }), "AbortError");
        const low = pool.run("journal", [file, "low"]);
        const since = runtime.now();
        await until(runtime, () => runtime.now() - since > 1_100, "more than a second to pass");
        const high = pool.run("journal", [file, "high"], { priority: 1 });
        const highest = pool.run("journal", [file, "highest"], { priority: 1000 });
        giveUp.abort();
        await Promise.all([running, low, high, highest]);
        assertEqual(await pool.run("readJournal", [file]), ["highest", "low", "high"], "order");
      }),
  },
  {
    name: "key: calls of a key go to one process, also while it is busy and another idle",
    run: (subject) =>
      withPool(subject, TWO, async (pool) => {
        await warm(pool);
        const calls = Array.from({ length: 5 }, () => pool.run("wait", [20], { key: "a" }));
        assertEqual(pool.stats().idle, 1, "idle");
        const others = [pool.run("pid"), pool.run("pid")];
        assertEqual(new Set(await Promise.all(calls)).size, 1, "processes");
        const [pid] = await Promise.all(calls);
        assertEqual(await pool.run("pid", [], { key: "a" }), pid, "the process later");
        assert((await others[0]) !== pid, "Expected a call without a key to take the idle worker");
      }),
  },
  {
    name: "key: moves when its worker dies, and stays where it then is",
    run: (subject) =>
      withPool(subject, TWO, async (pool) => {
        await warm(pool);
        const before = await pool.run("pid", [], { key: "a" });
        await kill(subject.runtime, before, "KILL");
        const after = await pool.run("pid", [], { key: "a" });
        assert(after !== before, "Expected another process");
        const calls = Array.from({ length: 4 }, () => pool.run("wait", [5], { key: "a" }));
        assertEqual([...new Set(await Promise.all(calls))], [after], "processes");
        assertEqual(pool.stats().failed, 0, "failed");
      }),
  },
  {
    name: "key: keys are spread over the workers",
    run: (subject) =>
      withPool(subject, TWO, async (pool) => {
        const pids = await warm(pool);
        const count = new Map(pids.map((pid) => [pid, 0]));
        for (const key of ["a", "b", "c", "d"]) {
          const pid = await pool.run("pid", [], { key });
          count.set(pid, (count.get(pid) ?? 0) + 1);
        }
        assertEqual([...count.values()], [2, 2], "keys of each worker");
      }),
  },
];
