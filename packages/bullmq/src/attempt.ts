/**
 * One attempt of a job: its call in the pool, what it writes meanwhile, and what interrupts it. Owns the call from its start
 * until no process runs it any more; what becomes of the job then is decided in jobs.ts.
 */
import type { Pool, RunOptions, WorkerInfo } from "@reapool/core";
import type { Worker } from "bullmq";
import { settlesWithin } from "./clock.ts";
import { JobLog } from "./job-log.ts";
import { LetGo } from "./let-go.ts";
import type { AnyJob, Resolved } from "./options.ts";
import { type Interruption, mayRunOn } from "./outcome.ts";
import { Progress } from "./progress.ts";

/** What is still to be written when the task has ended delays its job no longer than this. */
const WRITE_MS = 2_000;

export interface AttemptContext {
  readonly pool: Pool;
  readonly worker: Worker;
  readonly options: Resolved;
  readonly concurrentTasksPerWorker: number;
  onError(error: unknown): void;
}

export class Attempt {
  readonly job: AnyJob;
  readonly log: JobLog;
  interruption: Interruption | undefined;

  readonly #context: AttemptContext;
  readonly #progress: Progress;
  readonly #abort = new AbortController();
  #begunIn: WorkerInfo | undefined;
  #letGo: LetGo | undefined;

  constructor(job: AnyJob, context: AttemptContext) {
    this.job = job;
    this.#context = context;
    const onError = (error: unknown) => context.onError(error);
    this.#progress = new Progress(job, onError);
    this.log = new JobLog(context.worker, job, context.options.keepLogs, onError);
  }

  /** The worker it runs in, unless that has let go of it. */
  get runsIn(): WorkerInfo | undefined {
    return this.#letGo?.isDone === true ? undefined : this.#begunIn;
  }

  /** Ends it: the task is told, then its process is ended. */
  interrupt(interruption: Interruption): void {
    if (this.interruption !== undefined) return;
    this.interruption = interruption;
    this.#giveUp();
    const { why, reason } = interruption;
    this.#abort.abort(reason ?? new Error(`The job is given up: ${why}`));
  }

  #giveUp(): void {
    const { pool, concurrentTasksPerWorker } = this.#context;
    if (this.#begunIn !== undefined) this.#letGo ??= new LetGo(pool, this.#begunIn, concurrentTasksPerWorker);
  }

  /** Settles when the task has ended and what it wrote is written. Rejects as `pool.run` does. */
  async run(): Promise<unknown> {
    const { pool, options } = this.#context;
    const timeout = options.timeout(this.job);
    const call: RunOptions & { onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void } = {
      signal: this.#abort.signal,
      onStart: ({ worker }) => {
        this.#begunIn = worker;
      },
      onProgress: (value: unknown) => this.#progress.set(value),
    };
    if (timeout !== undefined) call.timeout = timeout;
    if (options.logs) call.onOutput = (stream, bytes) => this.log.output(stream, bytes);
    try {
      return asJson(await pool.run(options.task(this.job), [...options.args(this.job)], call));
    } catch (error) {
      if (mayRunOn(error, this.interruption)) {
        this.#giveUp();
        await this.#letGo?.wait();
      }
      throw error;
    } finally {
      const writing = [this.#progress.written, this.log.finish()].filter((promise) => promise !== undefined);
      if (writing.length > 0) await settlesWithin(Promise.all(writing), WRITE_MS);
    }
  }
}

/** @throws what `JSON.stringify` does: BullMQ would run the job again, to the same end. */
function asJson(result: unknown): unknown {
  try {
    JSON.stringify(result);
  } catch (error) {
    throw Object.assign(new Error(`The task's result can't be a job's, which is JSON: ${messageOf(error)}`), {
      name: "UnrecoverableError", // BullMQ knows it by its name
    });
  }
  return result;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
