/**
 * The end of a queue worker: what runs may finish; what is late goes back to the queue, once its process is gone; and it is
 * over at its deadline, whatever the engine does. The pool stays its owner's.
 */
import process from "node:process";
import type { QueueEvents, Worker } from "bullmq";
import { after, settlesWithin } from "./clock.ts";
import type { Jobs } from "./jobs.ts";

/** Shortly before the deadline, what is late is told to stop; then its process is killed; then the job is moved. */
const TOLD_MS = 3_000;
const KILLED_MS = 1_000;
/** How long the connections may take to close when all jobs are done. */
const CLOSE_MS = 2_000;

export interface Ends {
  readonly worker: Worker;
  readonly jobs: Jobs;
  readonly cancels: QueueEvents | undefined;
  readonly concurrentTasksPerWorker: number;
}

export async function closeQueueWorker(ends: Ends, timeout: number): Promise<void> {
  const { worker, jobs, cancels } = ends;
  const share = Math.min(1, timeout / (2 * TOLD_MS)); // of a short time, at least half is for the jobs
  const stops = [
    after(timeout - TOLD_MS * share, () => jobs.giveBackAll()),
    after(timeout - KILLED_MS * share, () => killLate(ends)),
  ];
  jobs.onClosing();
  const closing = worker.close();
  const isClosed = await settlesWithin(closing, timeout);
  for (const stop of stops) stop();
  jobs.giveBackAll(); // whoever still runs is killed by now, or stops as soon as it can
  if (!isClosed) await settlesWithin(worker.getBackend().close(true), CLOSE_MS);
  if (cancels !== undefined) await settlesWithin(cancels.close(), CLOSE_MS);
}

/** The pool's own ladder may take longer than there is time. A worker that has calls of others is spared. */
function killLate({ jobs, concurrentTasksPerWorker }: Ends): void {
  if (concurrentTasksPerWorker > 1) return;
  for (const { runsIn } of jobs.attempts) {
    if (runsIn?.pid === undefined) continue;
    try {
      process.kill(runsIn.pid, "SIGKILL");
    } catch {
      // gone, or not ours to kill: the pool goes on with its ladder
    }
  }
}
