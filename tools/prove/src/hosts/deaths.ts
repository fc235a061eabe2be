/** A host that kills its workers at random, as many as its argument says, while calls continue. */
import process from "node:process";
import { adapter, WORK } from "./adapter.ts";
import { listen, tell } from "./conversation.ts";
import { watchLoop } from "./loop-lag.ts";
import type * as Work from "./work.ts";

const WORKERS = 4;
/** So many calls are under way at any time: each worker has one and two wait. */
const CALLERS = WORKERS + 2;
/** Deaths before descriptors are counted: by then the runtime has opened whatever it opens at a first death. */
const WARM_UP_DEATHS = 8;
const KILL_EVERY_MS = 10;
/** No call here takes remotely as long: after this, missing answers will not come. */
const SILENCE_MS = 60_000;

const pool = adapter.createPool<typeof Work>(WORK, {
  minWorkers: WORKERS,
  maxWorkers: WORKERS,
  // They die on purpose, some before their first result: that does not mean the module is broken.
  restart: { intensity: Number.POSITIVE_INFINITY, backoff: { initial: 0 } },
});
let deaths = 0;
/** Killed workers whose end has not been reported yet. */
const killed = new Set<number>();
pool.on("exit", ({ worker }) => {
  deaths++;
  if (worker.pid !== undefined) killed.delete(worker.pid); // its pid may be reused
});

let calls = 0;
let answered = 0;
let rejected = 0;
const wrong: string[] = [];

async function call(): Promise<void> {
  const a = calls++;
  const b = Math.floor(Math.random() * 1_000);
  try {
    const sum = await pool.run("addLater", [a, b, Math.random() * 20]);
    answered++;
    if (sum !== a + b) wrong.push(`${a} + ${b} gave ${sum}`);
  } catch (error) {
    rejected++;
    if ((error as { code?: unknown }).code !== "ERR_WORKER_EXIT") wrong.push(String(error));
  }
}

/** Any live worker: one that works, waits or has only begun to start. */
function killOne(): void {
  const live = pool.workers.filter(({ state }) => state !== "stopping");
  // Waits until half of them are up; otherwise, where starts are slow, no work would be done.
  if (live.filter(({ state }) => state !== "starting").length < WORKERS / 2) return;
  const pids = live.map(({ pid }) => pid).filter((pid) => pid !== undefined && !killed.has(pid));
  const pid = pids[Math.floor(Math.random() * pids.length)];
  if (pid === undefined) return;
  try {
    process.kill(pid, "SIGKILL");
    killed.add(pid);
  } catch {
    // it was gone before the signal came
  }
}

/**
 * Kills until so many more have died, while calls continue. Resolves when all calls have settled and the pool is
 * complete.
 */
async function lose(count: number): Promise<void> {
  const last = deaths + count;
  const killing = setInterval(() => deaths + killed.size < last && killOne(), KILL_EVERY_MS);
  const callers = Array.from({ length: CALLERS }, async () => {
    while (deaths < last) await call();
  });
  let silence: ReturnType<typeof setInterval> | undefined;
  const silent = new Promise<void>((resolve) => {
    let before = -1;
    silence = setInterval(() => {
      if (answered + rejected === before) resolve();
      before = answered + rejected;
    }, SILENCE_MS);
  });
  await Promise.race([Promise.all(callers).then(() => pool.ready()), silent]);
  clearInterval(silence);
  clearInterval(killing);
}

await pool.ready();
await lose(WARM_UP_DEATHS);
const pids = () => pool.workers.map(({ pid }) => pid as number);

listen({
  go: async () => {
    const startedAt = performance.now();
    [deaths, calls, answered, rejected] = [0, 0, 0, 0];
    const before = pool.stats();
    const stop = watchLoop();
    await lose(Number(process.argv[2]));
    const longestTurn = stop();
    const { submitted, completed, failed, pending } = pool.stats();
    const counted = [submitted - before.submitted, completed - before.completed, failed - before.failed];
    if (String(counted) !== String([calls, answered, rejected])) {
      wrong.push(`the pool counts ${counted} calls accepted, resolved and rejected`);
    }
    const seconds = (performance.now() - startedAt) / 1_000;
    tell({
      type: "deaths",
      deaths,
      calls,
      answered,
      rejected,
      wrong,
      unsettled: pending,
      seconds,
      longestTurn,
    });
  },
  close: async () => {
    await pool.close();
    tell({ type: "closed" });
  },
});
tell({ type: "ready", workers: pids() });
