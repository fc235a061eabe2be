/**
 * The processor that BullMQ calls for each job: runs it in the pool, and carries out what becomes of it. Owns the attempts
 * under way; what an error means is decided in outcome.ts.
 */
import { DelayedError, UnrecoverableError, WaitingError, type Worker } from "bullmq";
import { Attempt, type AttemptContext } from "./attempt.ts";
import { settlesWithin, sleep } from "./clock.ts";
import { deathLines } from "./death-lines.ts";
import { Locks } from "./locks.ts";
import type { AnyJob } from "./options.ts";
import { asError, delayAfter, type Interruption, isDeath, poolCodeOf, verdictOn } from "./outcome.ts";

/** A host that can run nothing takes no more than a job in this time, for each place it has. */
const BRAKE_MS = 1_000;
/** How long the engine may take to move a job; then its lock ends, and with it the job's stay here. */
const MOVE_MS = 5_000;

export class Jobs {
  readonly #context: AttemptContext;
  readonly #worker: Worker;
  readonly #attempts = new Set<Attempt>();
  readonly #locks: Locks<Attempt>;
  readonly #closing = new AbortController();
  #isLate = false;
  /** Jobs in a row that the pool could not run. */
  #refusals = 0;

  constructor(context: AttemptContext) {
    this.#context = context;
    this.#worker = context.worker;
    this.#locks = new Locks(this.#worker, (attempt, why) => {
      const reason = new Error(`Job ${attempt.job.id} is given up: ${why}`);
      attempt.interrupt({ why: "lock-lost", reason });
    });
    this.#keepTrack();
  }

  get attempts(): Iterable<Attempt> {
    return this.#attempts;
  }

  get running(): number {
    return this.#attempts.size;
  }

  /** Nothing waits any more for the pool to recover. */
  onClosing(): void {
    this.#closing.abort();
  }

  /** What runs goes back to the queue, and so does what comes. */
  giveBackAll(): void {
    this.#isLate = true;
    for (const attempt of this.#attempts) attempt.interrupt(LATE);
  }

  /** Ends the job if it runs here: BullMQ's own `cancelJob` may have lost track of one that begins again in the same host. */
  cancel(jobId: string, reason: string): void {
    for (const attempt of this.#attempts) {
      if (attempt.job.id === jobId) attempt.interrupt({ why: "cancelled", reason });
    }
  }

  /** For BullMQ. */
  async process(job: AnyJob, token: string | undefined, signal: AbortSignal | undefined): Promise<unknown> {
    const attempt = new Attempt(job, this.#context);
    const cancel = () => attempt.interrupt({ why: "cancelled", reason: signal?.reason });
    this.#attempts.add(attempt);
    this.#locks.hold(attempt);
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    if (this.#isLate) attempt.interrupt(LATE);
    try {
      const result = await attempt.run();
      this.#refusals = 0;
      return result;
    } catch (error) {
      return await this.#end(attempt, token, error);
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#locks.release(attempt);
      this.#attempts.delete(attempt);
    }
  }

  /**
   * BullMQ renews the locks of the jobs that it tracks, and knows each by its id alone. When a job that has just been moved begins
   * again in this host, the end of its last attempt would have it forget the new one.
   */
  #keepTrack(): void {
    const { lockManager } = this.#worker as unknown as { lockManager?: { untrackJob?(id: string): void } };
    const untrack = lockManager?.untrackJob;
    if (lockManager === undefined || untrack === undefined) return;
    lockManager.untrackJob = (id) => {
      for (const { job } of this.#attempts) if (job.id === id) return;
      untrack.call(lockManager, id);
    };
  }

  /** Never returns: BullMQ learns by what is thrown. */
  async #end(attempt: Attempt, token: string | undefined, error: unknown): Promise<never> {
    const { job, interruption } = attempt;
    const verdict = verdictOn(error, interruption, this.#context.options.deaths, job);
    if (verdict.kind !== "delay") this.#refusals = 0;
    if (isDeath(error)) await this.#logDeath(attempt, error);
    switch (verdict.kind) {
      case "fail":
        throw asError(error);
      case "fail-for-good":
        throw Object.assign(new UnrecoverableError(verdict.message), { cause: error });
      case "again":
        await this.#move(job.moveToDelayed(wallClock() + verdict.delay, token));
        throw new DelayedError();
      case "give-back":
        await this.#move(job.moveToWait(token));
        throw new WaitingError();
      case "delay":
        return await this.#delay(job, token, error);
    }
  }

  /** The pool could not run it. Where the pool is closed it never will: this host takes no more, and others do. */
  async #delay(job: AnyJob, token: string | undefined, error: unknown): Promise<never> {
    this.#context.onError(error);
    if (poolCodeOf(error) === "ERR_POOL_CLOSED") {
      void this.#worker.pause(true).catch((failed: unknown) => this.#context.onError(failed));
      await this.#move(job.moveToWait(token));
      throw new WaitingError();
    }
    const delay = delayAfter(++this.#refusals);
    const until = wallClock() + delay;
    await sleep(Math.min(delay, BRAKE_MS), this.#closing.signal);
    await this.#move(job.moveToDelayed(until, token));
    throw new DelayedError();
  }

  async #logDeath(attempt: Attempt, error: unknown): Promise<void> {
    for (const line of deathLines(error, this.#context.options.logs)) attempt.log.add(line);
    await settlesWithin(Promise.resolve(attempt.log.finish()), BRAKE_MS);
  }

  /** The token tells whether the job is still ours: if it is not, whoever has it decides. */
  async #move(moved: Promise<unknown>): Promise<void> {
    moved.catch((error: unknown) => this.#context.onError(error));
    await settlesWithin(moved, MOVE_MS);
  }
}

const LATE: Interruption = {
  why: "late",
  reason: new Error("The job is given back: its queue worker closes"),
};

function wallClock(): number {
  // biome-ignore lint/plugin: BullMQ counts from the same clock
  return Date.now();
}
