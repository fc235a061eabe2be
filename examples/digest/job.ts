/**
 * The job in one runtime: runs every file through a pool while a killer is active, then checks the digests and counts
 * the processes. program.ts decides when it begins and what happens to its outcome.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import process from "node:process";
import { createPool } from "reapool";
import { send } from "./conversation.ts";
import { countTasks, FileRun } from "./file-run.ts";
import { Killer } from "./killer.ts";
import type { JobOutcome, JobRequest } from "./messages.ts";
import { settledRemains } from "./processes.ts";
import { TaskLedger } from "./task-ledger.ts";
import type * as Work from "./work.ts";

const PROGRESS_MS = 100;
/** No task takes remotely as long: after such a silence, missing results will not come. */
const SILENCE_MS = 60_000;

export async function doJob(
  { files, brotliQuality, workers, killEvery }: JobRequest,
  stop: AbortSignal,
): Promise<JobOutcome> {
  stop.throwIfAborted();
  const startedAt = performance.now();
  await using pool = createPool<typeof Work>(new URL("./work.ts", import.meta.url), {
    minWorkers: workers,
    maxWorkers: workers,
    // Workers die on purpose here, some before their first result: that does not mean the module is broken.
    restart: { intensity: Number.POSITIVE_INFINITY, backoff: { initial: 0 } },
    // This process reports on its stdout: a worker's output must not get in between.
    worker: { stdout: "ignore" },
  });
  const pids = new Set<number>();
  pool.on("start", ({ worker }) => void (worker.pid !== undefined && pids.add(worker.pid)));
  const interrupted = new Promise<void>((resolve) => {
    stop.addEventListener("abort", () => resolve(pool.terminate()), { once: true });
  });

  const killer = new Killer(pool);
  await Promise.race([pool.ready(), interrupted]);
  const ledger = new TaskLedger(countTasks(files), killer.victims);
  if (killEvery !== null) killer.start(killEvery, () => ledger.withResult);
  const run = new FileRun(pool, files, brotliQuality, ledger);
  const report = () => {
    const { total: totalTasks, withResult: tasks } = ledger;
    send({ type: "progress", files: run.complete, tasks, totalTasks, kills: killer.victims.size });
  };
  const reporting = setInterval(report, PROGRESS_MS);

  await Promise.race([run.process(workers), ledger.silence(SILENCE_MS), interrupted]);
  clearInterval(reporting);
  ledger.close();
  killer.stop();
  run.stop();
  report();
  await pool.close();
  const seconds = Math.round(performance.now() - startedAt) / 1000;

  const remains = await settledRemains(process.pid, pids);
  const wrong = await findWrong(run.digests, stop);
  const digests = [...run.digests.values()];
  return {
    files: run.complete - wrong.length,
    bytes: digests.reduce((sum, { bytes }) => sum + bytes, 0),
    lines: digests.reduce((sum, { lines }) => sum + lines, 0),
    brotliBytes: run.brotliBytes,
    seconds,
    kills: killer.victims.size,
    restarts: pool.stats().restarts,
    tasks: ledger.total,
    tasksRunAgain: ledger.runAgain,
    tasksLost: ledger.lost,
    wrongDigests: wrong.length,
    zombies: remains?.zombies ?? null,
    processesLeft: remains?.processesLeft ?? null,
    problems: [...ledger.problems, ...wrong.slice(0, 3).map((path) => `${path}: wrong digest`)],
  };
}

/** The files whose digest is not what this process computes itself. */
async function findWrong(digests: ReadonlyMap<string, Work.Digest>, stop: AbortSignal): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, { sha256 }] of digests) {
    stop.throwIfAborted();
    const hash = createHash("sha256");
    for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
    if (hash.digest("hex") !== sha256) wrong.push(path);
  }
  return wrong;
}
