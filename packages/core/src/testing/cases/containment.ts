/** Whatever ends a worker ends all that it has started, also what has left its group; and nobody else. */
import { spawn } from "node:child_process";
import process from "node:process";
import type { PoolOptions } from "../../options/pool-options.ts";
import type { PoolEvents } from "../../pool/events.ts";
import { spawnDetachedOn } from "../../reaping/spawn-detached.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  kill,
  pause,
  type Subject,
  until,
  within,
  withPool,
} from "../contract-case.ts";
import { areAway, commandOf, ESCAPES, isInstalled, tagged, writeEscapes } from "../escapes.ts";
import type * as Fixture from "../fixtures/work.ts";
import type { End } from "../worker-end.ts";

const ENDS: readonly End[] = [
  {
    name: "its own death",
    bring: (pool, { runtime }) => kill(runtime, pool.workers[0]?.pid, "KILL"),
  },
  {
    name: "a timeout",
    options: { killTimeout: 50 },
    bring: (pool) => pool.run("spin", [], { timeout: 50 }),
  },
  {
    name: "an abort",
    options: { killTimeout: 50 },
    bring: (pool) => pool.run("spin", [], { signal: AbortSignal.timeout(50) }),
  },
  { name: "close", bring: (pool) => pool.close() },
  { name: "terminate", bring: (pool) => pool.terminate() },
  {
    name: "recycling",
    options: { recycle: { tasks: 2, jitter: 0 } },
    bring: (pool) => pool.run("add", [1, 2]),
  },
];

const QUIET = { stderr: "ignore" } as const;

let count = 0;

/** Starts all that is installed in one worker, runs the body, and ends what that has left. */
async function withEscapes(
  subject: Subject,
  options: PoolOptions,
  body: (pool: FixturePool, left: () => string[]) => Promise<void>,
): Promise<void> {
  const escapes = ESCAPES.filter(({ needs }) => needs === undefined || isInstalled(needs));
  const tag = `e${process.pid}x${Date.now().toString(36)}n${++count}`;
  try {
    await withPool(subject, { maxWorkers: 1, worker: QUIET, ...options }, async (pool, newFolder) => {
      const folder = await newFolder();
      const script = escapes.map((one) => one.script).join("\n");
      await pool.run("startShell", [script, writeEscapes(folder, tag)]);
      await until(subject.runtime, () => areAway(folder, escapes), "all to have left");
      await body(pool, () => tagged(tag).map(commandOf));
    });
  } finally {
    for (const pid of tagged(tag)) process.kill(pid, "SIGKILL");
  }
}

function goneAfter({ name, options, bring }: End): ContractCase {
  return {
    name: `containment: all that a worker has started, by whatever way it left, is gone after ${name}`,
    needs: "processTrees",
    run: (subject) =>
      withEscapes(subject, { ...options }, async (pool, left) => {
        const { runtime } = subject;
        const exit = new Promise<PoolEvents["exit"]>((resolve) => pool.on("exit", resolve));
        Promise.resolve(bring(pool, subject)).catch(() => {});
        await within(runtime, 30_000, exit, "the worker's end");
        await until(runtime, () => left().length === 0, "nothing of it to be left");
      }),
  };
}

export const containmentCases: readonly ContractCase[] = [
  ...ENDS.map(goneAfter),
  {
    name: 'containment: "group" leaves what has left the group, so that these cases can fail',
    needs: "processTrees",
    run: (subject) =>
      withEscapes(subject, { worker: { ...QUIET, containment: "group" } }, async (pool, left) => {
        await pool.terminate();
        await pause(subject.runtime, 1_000);
        const names = left();
        const most = ESCAPES.filter(({ needs }) => needs === undefined).length - 1; // a twin is between two lives
        assert(names.length >= most, `Expected all to be left, found\n${names.join("\n")}`);
      }),
  },
  {
    name: "containment: what others have started, and what is meant to outlive, lives on",
    needs: "processTrees",
    run: async (subject) => {
      const { runtime, createPool, fixture } = subject;
      const seconds = String(400 + Math.random());
      const env = { RUN: seconds };
      const own = [false, true].map((detached) => spawn("sleep", [seconds], { stdio: "ignore", detached }));
      const ends = own.map((child) => new Promise((resolve) => child.once("exit", resolve)));
      await spawnDetachedOn(runtime)({ file: "sleep", args: [seconds] });
      const other = createPool<typeof Fixture>(fixture, { maxWorkers: 1, worker: QUIET });
      try {
        await other.run("startShell", ["setsid -f sleep $RUN", env]);
        await withPool(subject, { maxWorkers: 1, worker: QUIET }, async (pool) => {
          await pool.run("startShell", ["REAPOOL_OUTLIVES=1 setsid -f sh -c 'sleep $RUN; :'", env]);
          await pool.run("startShell", ["setsid -f sleep $RUN", env]);
          await until(runtime, () => tagged(seconds).length === 6, "all to be there");
          await pool.terminate();
          await until(runtime, () => tagged(seconds).length === 5, "one to be gone"); // one was the worker's own
          await pause(runtime, 300);
          assertEqual(tagged(seconds).length, 5, "the number of those that live");
          assertEqual(await other.run("add", [1, 2]), 3, "a call to the other pool");
        });
      } finally {
        await other.terminate();
        for (const pid of tagged(seconds)) process.kill(pid, "SIGKILL");
        await Promise.all(ends);
      }
    },
  },
];
