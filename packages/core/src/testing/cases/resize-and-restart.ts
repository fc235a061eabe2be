/** A pool that changes while it works: its size, and the module its workers run. */
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  isAlive,
  rejection,
  until,
  withPool,
} from "../contract-case.ts";
import { withModule } from "../written-module.ts";

/** What the modules of these cases export. */
interface Versioned {
  version(): number;
  slowVersion(): Promise<number>;
}

const source = (version: number) =>
  `export const version = () => ${version};
   export const slowVersion = () => new Promise((resolve) => setTimeout(resolve, 20, ${version}));`;

const versioned = (pool: FixturePool) =>
  pool as unknown as { run(name: keyof Versioned): Promise<number> } & Omit<FixturePool, "run">;

export const resizeAndRestartCases: readonly ContractCase[] = [
  {
    name: "resize: up starts workers for what waits, down lets them finish, and no call is lost",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        await pool.run("nothing");
        const calls = Array.from({ length: 12 }, () => pool.run("wait", [30]));
        await pool.resize(3);
        assertEqual(pool.stats().live, 3, "live at once");
        await Promise.all(calls);
        await until(subject.runtime, () => pool.stats().idle === 3, "the workers to be ready");
        const more = Array.from({ length: 9 }, () => pool.run("wait", [30]));
        await pool.resize(1);
        assertEqual(pool.stats().live, 1, "live when it has resolved");
        const pids = new Set(await Promise.all(more));
        const [last] = pool.workers;
        for (const pid of pids) {
          assert(pid === last?.pid || !(await isAlive(subject.runtime, pid)), `Expected ${pid} to be gone`);
        }
        await rejection(pool.resize(0), "RangeError");
        assertEqual([pids.size, pool.stats().failed], [3, 0], "processes and failed");
      }),
  },
  {
    name: "restart: a new version of the module goes live, and no call is lost",
    run: (subject) =>
      withModule(
        subject,
        source(1),
        async (anyPool, write) => {
          const pool = versioned(anyPool);
          await Promise.all([pool.run("slowVersion"), pool.run("slowVersion")]);
          const old = pool.workers.map(({ pid }) => pid);
          await write(source(2));
          const calls = Array.from({ length: 12 }, () => pool.run("slowVersion"));
          await pool.restart();
          assertEqual(await pool.run("version"), 2, "version after it");
          assert(
            pool.workers.every(({ pid }) => !old.includes(pid)),
            "Expected other processes",
          );
          for (const version of await Promise.all(calls)) assert(version === 1 || version === 2, "version");
          assertEqual(pool.stats().failed, 0, "failed");
        },
        { maxWorkers: 2 },
      ),
  },
  {
    name: "restart: a version that can't be loaded rejects, and the workers of the old one go on",
    run: (subject) =>
      withModule(
        subject,
        source(1),
        async (anyPool, write) => {
          const pool = versioned(anyPool);
          assertEqual(await pool.run("version"), 1, "version before");
          const [old] = pool.workers;
          await write("throw new Error('a bad day')");
          const error = await rejection(pool.restart(), "ERR_WORKER_START");
          assert(error.message.includes("a bad day"), `Expected the cause in: ${error.message}`);
          assertEqual(await pool.run("version"), 1, "version after");
          assertEqual([pool.workers[0]?.pid, pool.stats().failed], [old?.pid, 0], "process and failed");
          await write(source(3));
          await pool.restart();
          assertEqual(await pool.run("version"), 3, "version once it is mended");
        },
        { maxWorkers: 2 },
      ),
  },
];
