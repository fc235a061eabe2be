/**
 * `createQueueWorker`: puts BullMQ's own `Worker` and a pool together. Owns how the parts work together; each of them is in
 * a file of its own.
 */
import type { AnyModule, Pool } from "@reapool/core";
import { Worker } from "bullmq";
import type { AttemptContext } from "./attempt.ts";
import { Cancels } from "./cancel.ts";
import { after } from "./clock.ts";
import { closeQueueWorker } from "./closing.ts";
import { Connection } from "./connection.ts";
import { Jobs } from "./jobs.ts";
import { type AnyJob, duration, own, type QueueWorkerOptions, resolveOptions } from "./options.ts";

/** How often `concurrency` is compared with the pool's, which `pool.resize` changes. */
const FOLLOW_MS = 1_000;

export interface QueueWorkerCloseOptions {
  /**
   * In ms. Jobs that still run shortly before are told to stop, their processes are ended, and they go back to the queue
   * without an attempt spent. Default 30 000.
   */
  timeout?: number | undefined;
}

export interface QueueWorker extends AsyncDisposable {
  /** BullMQ's own worker: its events, `pause`, `cancelJob`, `rateLimit` and all the rest. */
  readonly worker: Worker;
  /** Resolves when the engine has answered. Rejects when it has not within `connectTimeout`, or refuses. */
  ready(): Promise<void>;
  /**
   * Takes no more jobs, and finishes those that run; what is late goes back to the queue, once its process is gone. Resolves
   * at the deadline at the latest, also when the engine is out of reach. The pool stays open. A second call returns the
   * promise of the first. Rejects with a TypeError or RangeError for an invalid option.
   */
  close(options?: QueueWorkerCloseOptions): Promise<void>;
}

/**
 * Runs the jobs of a BullMQ queue in a pool: a job that is over its time, cancelled, or whose lock is lost ends with its
 * process.
 *
 * @param name Of the queue.
 * @param pool Stays the caller's: several queues may share it, and whoever made it closes it.
 * @throws TypeError or RangeError when an option is invalid.
 */
export function createQueueWorker<M extends object = AnyModule>(
  name: string,
  pool: Pool<M>,
  options: QueueWorkerOptions<M>,
): QueueWorker {
  const anyPool = pool as unknown as Pool;
  const { capacity, concurrentTasksPerWorker } = anyPool.stats();
  const resolved = resolveOptions(options, capacity);
  const autorun = resolved.worker.autorun ?? true;
  let jobs: Jobs | undefined;
  const worker = new Worker(
    name,
    // Three parameters: BullMQ counts them, and gives no signal to a function with fewer.
    (job: AnyJob, token?: string, signal?: AbortSignal) => (jobs as Jobs).process(job, token, signal),
    { ...resolved.worker, autorun: false },
    resolved.backend as never,
  ) as Worker;
  const connection = new Connection(name, worker, resolved.connectTimeout);
  const onError = (error: unknown) => connection.report(error);
  const context: AttemptContext = {
    pool: anyPool,
    worker,
    options: resolved,
    concurrentTasksPerWorker,
    onError,
  };
  jobs = new Jobs(context);
  const cancels = resolved.remoteCancel
    ? new Cancels(name, resolved, (jobId, reason) => (jobs as Jobs).cancel(jobId, reason), onError)
    : undefined;
  if (resolved.followsPool) followPool(worker, anyPool);
  if (autorun) worker.run().catch(onError);
  return face(worker, connection, jobs, cancels, concurrentTasksPerWorker);
}

function face(
  worker: Worker,
  connection: Connection,
  jobs: Jobs,
  cancels: Cancels | undefined,
  concurrentTasksPerWorker: number,
): QueueWorker {
  let closing: Promise<void> | undefined;
  const close = async (options: QueueWorkerCloseOptions = {}): Promise<void> => {
    const { timeout = 30_000 } = own(options);
    duration("timeout", timeout);
    closing ??= closeQueueWorker({ worker, jobs, cancels, concurrentTasksPerWorker }, timeout);
    return closing;
  };
  return Object.freeze({
    worker,
    ready: () => connection.ready(),
    close,
    [Symbol.asyncDispose]: () => close(),
  });
}

/** At most once a second, as a job begins. */
function followPool(worker: Worker, pool: Pool): void {
  let isRecent = false;
  worker.on("active", () => {
    if (isRecent) return;
    isRecent = true;
    after(FOLLOW_MS, () => {
      isRecent = false;
    });
    const { capacity } = pool.stats();
    if (capacity !== worker.concurrency) worker.concurrency = capacity;
  });
}
