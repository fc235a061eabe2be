/**
 * Watches the locks of the jobs that run here. Owns when each was last known to be held; what becomes of a job whose lock is
 * lost is decided by whoever is told.
 *
 * A lock that can't be renewed, because the engine is out of reach, ends by itself, and another host takes the job over. So a
 * call is given up while its lock still holds: the rest of the lock is the time its process has to go.
 */
import type { Worker } from "bullmq";
import { after, now } from "./clock.ts";

/** The share of `lockDuration` after which a lock that nobody renewed counts as lost: BullMQ renews it at half. */
const SHARE = 0.65;
const LOOKS = 15;

/** One attempt of a job: the next may begin in this host before the last is over in every respect. */
interface Holder {
  readonly job: { readonly id?: string | undefined };
}

export class Locks<H extends Holder> {
  readonly #limit: number;
  readonly #onLost: (holder: H, why: string) => void;
  readonly #held = new Map<H, number>();
  #cancel: (() => void) | undefined;

  constructor(worker: Worker, onLost: (holder: H, why: string) => void) {
    const { lockDuration = 30_000, lockRenewTime = lockDuration / 2 } = worker.opts;
    this.#limit = Math.min(lockDuration, Math.max(lockDuration * SHARE, lockRenewTime * 1.3));
    this.#onLost = onLost;
    worker.on("locksRenewed", ({ jobIds }) => {
      for (const holder of this.#of(jobIds)) this.#held.set(holder, now());
    });
    worker.on("lockRenewalFailed", (jobIds) => {
      for (const holder of this.#of(jobIds))
        this.#lose(holder, "its lock is held by nobody, or by another host");
    });
  }

  /** The job has just been taken, and its lock with it. */
  hold(holder: H): void {
    this.#held.set(holder, now());
    this.#watch();
  }

  release(holder: H): void {
    this.#held.delete(holder);
    if (this.#held.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #of(jobIds: readonly string[]): H[] {
    return [...this.#held.keys()].filter(({ job }) => jobIds.includes(job.id as string));
  }

  #lose(holder: H, why: string): void {
    if (this.#held.delete(holder)) this.#onLost(holder, why);
  }

  #watch(): void {
    const period = Math.max(10, this.#limit / LOOKS);
    const due = now() + period;
    this.#cancel ??= after(period, () => {
      this.#cancel = undefined;
      // Where the loop has stood still, the answers that it has not read yet come first.
      if (now() - due < period) this.#look();
      if (this.#held.size > 0) this.#watch();
    });
  }

  #look(): void {
    const oldest = now() - this.#limit;
    for (const [holder, at] of this.#held) {
      if (at < oldest) this.#lose(holder, `its lock could not be renewed for ${Math.round(this.#limit)} ms`);
    }
  }
}
