/**
 * The end of a queue worker: what runs may finish; what is late goes back to the queue, once its process is gone; and it is
 * over at its deadline, whatever the engine does. The pool stays its owner's.
 */
import process from "node:process";
import type { Worker } from "bullmq";
import type { Cancels } from "./cancel.ts";
import { after, now, settlesWithin, sleep } from "./clock.ts";
import type { Jobs } from "./jobs.ts";

/** Before the deadline: what is late is told to stop; then its process is killed, and its job moved; then connections end. */
const TOLD_MS = 3_000;
const KILLED_MS = 1_500;
const CUT_MS = 500;
/** Without a job that runs, a connection that does not end by then is cut: the engine is out of reach. */
const IDLE_MS = 1_000;

export interface Ends {
  readonly worker: Worker;
  readonly jobs: Jobs;
  readonly cancels: Cancels | undefined;
  readonly concurrentTasksPerWorker: number;
}

export async function closeQueueWorker(ends: Ends, timeout: number): Promise<void> {
  const { worker, jobs, cancels } = ends;
  const share = Math.min(1, timeout / (2 * TOLD_MS)); // of a short time, half is for the jobs
  const stops = [
    after(timeout - TOLD_MS * share, () => jobs.giveBackAll()),
    after(timeout - KILLED_MS * share, () => killLate(ends)),
  ];
  jobs.onClosing();
  const end = now() + timeout;
  const cut = end - CUT_MS * share;
  const closing = worker.close();
  let isClosed = await settlesWithin(closing, Math.min(IDLE_MS, cut - now()));
  while (!isClosed && jobs.running > 0 && now() < cut) isClosed = await settlesWithin(closing, nextLook(cut));
  for (const stop of stops) stop();
  jobs.giveBackAll(); // whoever still runs is killed by now, or stops as soon as it can
  const ended = isClosed ? cancels?.close() : cutOff(ends);
  const isOver = await settlesWithin(Promise.resolve(ended), Math.max(1, end - now()));
  if (!isOver) void cancels?.cut().catch(() => {}); // it waits for an answer first
}

/** BullMQ's own `close` waits for the engine: whatever it would have done next is done without it. */
async function cutOff({ worker, cancels }: Ends): Promise<void> {
  await Promise.allSettled([worker.getBackend().close(true), cancels?.cut()]);
  await sleep(1); // what waited for an answer has learnt that there is none, and begun to wait for the next round
  await worker.pause(true);
  const inner = worker as unknown as { readonly lockManager?: { close(): Promise<void> } };
  await inner.lockManager?.close(); // its timer would keep the process alive for ever
}

/** Jobs end without telling: those that end last may leave a connection that does not. */
function nextLook(cut: number): number {
  return Math.max(1, Math.min(IDLE_MS, cut - now()));
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
