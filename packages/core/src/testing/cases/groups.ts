/** Whatever ends a worker ends its process group: nothing it has started in there survives. */

import type { PoolOptions } from "../../options/pool-options.ts";
import { createPoolOn } from "../../pool/create-pool.ts";
import type { PoolEvents } from "../../pool/events.ts";
import type { Runtime } from "../../port/runtime.ts";
import {
  assert,
  type ContractCase,
  isAlive,
  kill,
  type Subject,
  shell,
  until,
  within,
  withPool,
} from "../contract-case.ts";
import type { End } from "../worker-end.ts";

const sends =
  (signal: string): End["bring"] =>
  (pool, { runtime }) =>
    kill(runtime, pool.workers[0]?.pid, signal);

const ENDS: readonly End[] = [
  { name: "close", bring: (pool) => pool.close() },
  {
    name: "close at its deadline",
    bring: (pool) => {
      pool.run("spinTrapped").catch(() => {});
      return pool.close({ timeout: 300 });
    },
  },
  { name: "terminate", bring: (pool) => pool.terminate() },
  {
    name: "idleness",
    options: { idleTimeout: 50, concurrentTasksPerWorker: 2 },
    bring: () => {}, // what kept it busy is over by then
  },
  {
    name: "an abort of a task that does not stop",
    options: { killTimeout: 50 },
    bring: (pool) => {
      const controller = new AbortController();
      pool.run("spin", [], { signal: controller.signal }).catch(() => {});
      controller.abort();
    },
  },
  {
    name: "a timeout of a task that does not stop",
    options: { killTimeout: 50 },
    bring: (pool) => pool.run("spinTrapped", [], { timeout: 50 }),
  },
  { name: "exit() in a task", bring: (pool) => pool.run("exit", [4]) },
  { name: "an uncaught error", bring: (pool) => pool.run("throwUncaught") },
  { name: "SIGKILL", bring: sends("KILL") },
  { name: "SIGTERM from outside", bring: sends("TERM") },
];

const STARTS: readonly { name: string; setup: "throw" | "hang" | "exit" }[] = [
  { name: "a start that fails", setup: "throw" },
  { name: "a start that is too late", setup: "hang" },
  { name: "an exit before it is ready", setup: "exit" },
];

/** One worker, quiet: its stderr holds the errors these cases make. */
const ONE: PoolOptions = { maxWorkers: 1, worker: { stderr: "ignore" } };

/** The group has SIGKILL by the time the slot is free, which is when `exit` is emitted; the kernel may be late with it. */
async function assertGoneWithWorker(subject: Subject, { options, bring }: End): Promise<void> {
  await withPool(subject, { ...ONE, ...options }, async (pool) => {
    const { runtime } = subject;
    const exit = new Promise<PoolEvents["exit"]>((resolve) => pool.on("exit", resolve));
    // It must not leave by itself yet.
    const free = new AbortController();
    if (options?.idleTimeout !== undefined) {
      pool.run("untilAborted", [], { signal: free.signal }).catch(() => {});
    }
    const grandchild = await pool.run("grandchild");
    assert(await isAlive(runtime, grandchild), "Expected a grandchild: the case proves nothing without");
    free.abort();
    void Promise.resolve(bring(pool, subject)).catch(() => {}); // what the call rejects with is another case
    await within(runtime, 30_000, exit, "the worker to be gone");
    const isGone = async () => !(await isAlive(runtime, grandchild));
    await until(runtime, isGone, "the grandchild to be gone with its worker");
  });
}

export const groupCases: readonly ContractCase[] = [
  ...ENDS.map(
    (end): ContractCase => ({
      name: `group: ${end.name} ends the grandchildren too, even one that holds the pipes and traps SIGTERM`,
      needs: "processGroups",
      run: (subject) => assertGoneWithWorker(subject, end),
    }),
  ),
  ...STARTS.map(
    ({ name, setup }): ContractCase => ({
      name: `group: ${name} ends the grandchildren too`,
      needs: "processGroups",
      run: (subject) =>
        withPool(subject, ONE, async (helper, newFolder) => {
          const file = `${await newFolder()}/pid`;
          const options = { ...ONE, startTimeout: setup === "hang" ? 15_000 : 60_000, killTimeout: 200 };
          await withPool(
            subject,
            { ...options, worker: { stderr: "ignore", data: { setup, grandchild: file } } },
            async (pool) => {
              await within(
                subject.runtime,
                90_000,
                pool.run("nothing").catch(() => {}),
                "the start to fail",
              );
              const [grandchild] = await helper.run("readJournal", [file]);
              assert(Number(grandchild) > 0, "Expected a grandchild: the case proves nothing without");
              const isGone = async () => !(await isAlive(subject.runtime, Number(grandchild)));
              await until(subject.runtime, isGone, "the grandchild to be gone");
            },
          );
        }),
    }),
  ),
  {
    name: "group: where a signal reaches the worker alone its grandchild survives, so these cases can fail",
    needs: "processGroups",
    async run(subject) {
      const runtime = signallingLeadersAlone(subject.runtime);
      let [leader, grandchild] = [0, 0];
      const options: PoolOptions = { ...ONE, worker: { ...ONE.worker, containment: "group" } };
      await withPool({ ...subject, createPool: createPoolOn(runtime) }, options, async (pool) => {
        leader = await pool.run("pid");
        grandchild = await pool.run("grandchild");
        await pool.terminate();
      });
      assert(await isAlive(runtime, grandchild), "Expected the grandchild to survive");
      await shell(runtime, `kill -s KILL -- -${leader}`); // the group is still there, named by its late leader
      await until(runtime, async () => !(await isAlive(runtime, grandchild)), "the survivor to be gone");
    },
  },
];

function signallingLeadersAlone(runtime: Runtime): Runtime {
  return {
    ...runtime,
    spawn: (command, events) => {
      const process = runtime.spawn(command, events);
      const signal = (name: string) => {
        void kill(runtime, process.pid, name.slice("SIG".length));
        return false;
      };
      return { ...process, pid: process.pid, signal };
    },
  };
}
