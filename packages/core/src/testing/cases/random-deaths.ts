/** Many deaths at random moments, and the counts afterwards. */
import { readdirSync } from "node:fs";
import type { WorkerStats } from "../../port/worker-info.ts";
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  killNow,
  pause,
  type Subject,
  until,
  withPool,
} from "../contract-case.ts";

/** In each of five runtimes: 125. */
const ROUNDS = 25;
/** Descriptors a runtime may open for its own use meanwhile; one lost per worker would be five times as many. */
const SLACK = 5;
const MAX_WORKERS = 4;

interface Books {
  submitted: number;
  resolved: number;
  rejected: number;
  /** Rejections for any other reason than a worker's death. */
  surprises: unknown[];
  /** Listeners on the one signal of all calls. */
  listeners: number;
}

/** Keeps eight calls under way until it is stopped, and records how each settles. */
async function submitUntil(pool: FixturePool, books: Books, isOver: () => boolean): Promise<void> {
  const { signal } = new AbortController();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    books.listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    books.listeners--;
    remove(...args);
  };
  const caller = async (ms: number) => {
    while (!isOver()) {
      books.submitted++;
      await pool.run("wait", [ms], { signal }).then(
        () => books.resolved++,
        (error: { code?: string }) => {
          books.rejected++;
          if (error.code !== "ERR_WORKER_EXIT") books.surprises.push(error);
        },
      );
    }
  };
  await Promise.all([0, 1, 2, 3, 5, 8, 60, 200].map(caller));
}

/** Kills one worker after another: every fifth one that serves, the others any, and none twice. Returns how many. */
async function killAtRandom(subject: Subject, pool: FixturePool): Promise<number> {
  const { runtime } = subject;
  const killed = new Set<number>();
  while (killed.size < ROUNDS) {
    const isForServing = killed.size % 5 === 0;
    const serves = isForServing ? (worker: WorkerStats) => worker.finished > 0 : () => true;
    await until(runtime, () => pool.workers.some(serves), "a worker to be killed");
    await pause(runtime, Math.random() * (isForServing ? 150 : 15)); // a busy machine takes its time to begin a call
    const { workers } = pool;
    const ids = new Set(workers.map(({ id }) => id));
    assert(
      ids.size === workers.length && Math.max(...ids) <= MAX_WORKERS,
      `Expected at most ${MAX_WORKERS} workers, each with its own id up to that, received ${[...ids]} for ${workers.length}`,
    );
    const candidates = workers.filter(serves);
    const victim = candidates[Math.floor(Math.random() * candidates.length)];
    if (victim?.pid === undefined || killed.has(victim.pid)) continue;
    if (killNow(victim.pid)) killed.add(victim.pid);
  }
  return killed.size;
}

const descriptors = () => readdirSync("/proc/self/fd").length;

export const randomDeathCases: readonly ContractCase[] = [
  {
    name: `crash: ${ROUNDS} kills at random moments: every call settles once, and workers, descriptors and listeners are as before`,
    async run(subject) {
      await withPool(subject, { maxWorkers: 1 }, (pool) => pool.run("nothing")); // what the first pool leaves open
      const before = descriptors();
      const books: Books = { submitted: 0, resolved: 0, rejected: 0, surprises: [], listeners: 0 };
      const options = {
        minWorkers: 2,
        maxWorkers: MAX_WORKERS,
        restart: { intensity: Number.POSITIVE_INFINITY, backoff: { initial: 1, factor: 1 } },
        worker: { stderr: "ignore" },
      } as const;
      await withPool(subject, options, async (pool) => {
        await pool.ready(); // before any worker was ready, a failed start would reject calls
        let isOver = false;
        const calls = submitUntil(pool, books, () => isOver);
        try {
          assertEqual(await killAtRandom(subject, pool), ROUNDS, "kills");
        } finally {
          isOver = true;
          await calls;
        }
        const { submitted, completed, failed, pending } = pool.stats();
        assertEqual(
          [submitted, completed, failed, pending],
          [books.submitted, books.resolved, books.rejected, 0],
          "books",
        );
        assertEqual(books.surprises.map(String), [], "other rejections");
        assertEqual(books.submitted, books.resolved + books.rejected, "settled");
        assert(
          books.rejected > 0 && books.resolved > 0,
          "Expected some of both: the case proves nothing else",
        );
        assertEqual(books.listeners, 0, "listeners");
        await pool.close();
      });
      await until(subject.runtime, () => descriptors() <= before + SLACK, `${before} descriptors, as before`);
    },
  },
];
