/**
 * The graceful shutdown of a pool: accepted calls are finished, each worker leaves as soon as it has nothing to do, and the
 * last exit is the end. Owns the one promise for it, and the deadlines that make sure it resolves. They do not count the time
 * the host is stopped or blocked: what has finished meanwhile is delivered.
 */
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { PoolClosedError } from "../errors.ts";
import { Limit } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import { MAX_TIMER_MS } from "../port/runtime.ts";
import { lastStep } from "../slot/machine.ts";
import type { Slot } from "../slot/slot.ts";
import type { Supervisor } from "../supervision/supervisor.ts";
import type { Task } from "../task/task.ts";
import type { Ledger } from "./ledger.ts";

/** How long before the deadline of `close` what still runs gets SIGTERM and SIGKILL; at most this share of the timeout. */
const SIGTERM_BEFORE = { ms: 500, share: 0.1 };
const SIGKILL_BEFORE = { ms: 100, share: 0.02 };
/** A process still alive this long after SIGKILL is stuck in the kernel, and no signal will end it. */
const UNKILLABLE_MS = 1_000;

/** What has to end. */
export interface ClosingPool {
  readonly watch: LoopWatch;
  readonly dispatcher: Dispatcher;
  readonly supervisor: Supervisor;
  readonly ledger: Ledger;
  /** Called once all of it has ended. */
  readonly onFinished: () => Promise<void>;
}

export class Closing {
  readonly promise: Promise<void>;
  readonly #pool: ClosingPool;
  readonly #limits: Limit[] = [];
  #resolve!: () => void;
  #isTerminating = false;
  #isFinished = false;

  constructor(pool: ClosingPool) {
    this.#pool = pool;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /**
   * Finishes what was accepted. Escalates step by step towards the deadline, so that the promise resolves within `timeout` ms,
   * or a second later if a process is stuck in the kernel.
   */
  finishBy(timeout: number): void {
    const killAt = timeout - Math.min(SIGKILL_BEFORE.ms, timeout * SIGKILL_BEFORE.share);
    this.#after(timeout - Math.min(SIGTERM_BEFORE.ms, timeout * SIGTERM_BEFORE.share), () => {
      this.#failPending(`was not finished when the pool was closed with a timeout of ${timeout} ms`);
      this.#pool.supervisor.stopAll("closed", "terminate");
    });
    this.#after(killAt, () => this.#pool.supervisor.stopAll("closed", "kill"));
    this.#endAfter(killAt);
    this.proceed();
  }

  /** Rejects what no worker has begun. */
  rejectWaiting(): void {
    const why = 'had not begun when the pool was closed with `waiting: "reject"`';
    for (const slot of this.#pool.supervisor.slots)
      slot.calls.failUnstarted((task) => closedDuring(task, why));
    this.#pool.dispatcher.failAll((task) => closedDuring(task, why));
    this.proceed();
  }

  /**
   * Rejects what is pending and stops the workers now: a busy one gets SIGTERM, an idle one is asked to leave first. Asking
   * again hurries nobody.
   */
  terminate(killTimeout: number): void {
    if (this.#isTerminating) return;
    this.#isTerminating = true;
    this.#failPending("was not finished when the pool was terminated");
    for (const slot of this.#pool.supervisor.slots)
      slot.stop("terminated", isIdle(slot) ? "ask" : "terminate");
    this.#endAfter(killTimeout + lastStep(killTimeout));
    this.proceed();
  }

  /** Call when a worker is ready, has answered or is gone, when a call waits no longer, and when none is pending. */
  proceed(): void {
    const { dispatcher, supervisor, ledger } = this.#pool;
    if (dispatcher.size > 0) return;
    for (const slot of supervisor.slots) if (isIdle(slot)) slot.stop("closed", "ask");
    if (ledger.pending === 0 && supervisor.slots.length === 0) this.#finish();
  }

  #failPending(why: string): void {
    const errorOf = (task: Task) => closedDuring(task, why);
    for (const slot of this.#pool.supervisor.slots) slot.calls.failAll(errorOf);
    this.#pool.dispatcher.failAll(errorOf);
  }

  /** Resolves soon after the SIGKILL that is sent in `ms`, whatever happens. */
  #endAfter(ms: number): void {
    this.#after(ms + UNKILLABLE_MS, () => this.#finish());
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    for (const limit of this.#limits) limit.cancel();
    void this.#pool.onFinished().then(this.#resolve, this.#resolve); // even if something could not be released, the pool has ended
  }

  #after(ms: number, callback: () => void): void {
    if (ms <= MAX_TIMER_MS) this.#limits.push(new Limit(this.#pool.watch, ms, callback));
  }
}

/** It has nothing to do, and nobody has told it to go. */
function isIdle({ isStaying, occupied }: Slot): boolean {
  return isStaying && occupied === 0;
}

function closedDuring({ name }: Task, why: string): PoolClosedError {
  return new PoolClosedError(`Task \`${name}\` ${why}`, { task: name });
}
