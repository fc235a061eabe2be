/** A call in every worker. */
import { assertEqual, type ContractCase, kill, rejection, until, withPool } from "../contract-case.ts";

const TWO = { minWorkers: 2, maxWorkers: 2, worker: { stderr: "ignore" } } as const;

export const broadcastCases: readonly ContractCase[] = [
  {
    name: "broadcast: runs once in every live worker, also in a busy one, and gives all results",
    run: (subject) =>
      withPool(subject, TWO, async (pool) => {
        await pool.ready();
        const busy = pool.run("wait", [50]);
        const pids = await pool.broadcast("pid");
        assertEqual(pids.sort(), pool.workers.map(({ pid }) => pid as number).sort(), "pids");
        await busy;
      }),
  },
  {
    name: "broadcast: by option it also runs in every worker that starts from then on, before its first task",
    run: (subject) =>
      withPool(subject, TWO, async (pool) => {
        await pool.ready();
        await pool.broadcast("keep", ["now"]);
        await pool.broadcast("keep", ["always"], { later: true });
        const old = pool.workers.map(({ pid }) => pid);
        await kill(subject.runtime, old[0], "KILL");
        await until(subject.runtime, () => pool.workers.every(({ pid }) => pid !== old[0]), "its end");
        await pool.ready();
        assertEqual(await pool.broadcast("recall"), ["always", "always"], "what is kept");
      }),
  },
  {
    name: "broadcast: rejects with the first error once all are over",
    run: (subject) =>
      withPool(subject, TWO, async (pool) => {
        await pool.ready();
        const error = await rejection(pool.broadcast("failPlain", ["no"]), "Error");
        assertEqual([error.message, pool.stats().pending], ["no", 0], "message and pending");
        assertEqual(await pool.broadcast("add", [1, 2]), [3, 3], "the next one");
      }),
  },
];
