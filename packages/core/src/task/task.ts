/**
 * One call, from the moment it is accepted until it settles, which happens once. Owns its abort listener, its timers
 * and its attempts, and lets go of all of them when it settles. Does not know where it waits or runs.
 *
 *     queued --goAhead--> ahead --start--> running --fulfil, fail--> settled
 *        ^                  |                 |
 *        +--its worker died-+                 +--failed, to be made again--> ending (its worker has not let go yet)
 *        |                                                                     v
 *        +--------------------------- back-off over ---------------------- resting
 */

import type { Waiting } from "../dispatch/backlog.ts";
import { PRIORITY_STEP_MS } from "../dispatch/queue.ts";
import type { TaskTimeoutError } from "../errors.ts";
import { callForeign } from "../foreign.ts";
import { type Limit, limitOf } from "../host/limit.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { ResolvedRunOptions } from "../options/call-options.ts";
import type { Runtime } from "../port/runtime.ts";
import type { Slot } from "../slot/slot.ts";
import { outran, outwaited } from "./call-errors.ts";
import type { CancelCause, TaskLink, TaskOwner, TaskRequest } from "./request.ts";
import { type AttemptFailure, backoffDelay, isRetried } from "./retry-policy.ts";
import { RunLimit } from "./run-limit.ts";

export class Task implements Waiting<Task, Slot> {
  previous: Task | undefined = undefined;
  next: Task | undefined = undefined;
  readonly request: TaskRequest;
  readonly priority: number;
  readonly order: number;
  state: "queued" | "ahead" | "running" | "ending" | "resting" | "settled" = "queued";
  /** Attempts that began, as far as is known. */
  #attempts = 0;
  /** Of the worker that has it, or had it last. */
  workerId: number | undefined;
  /** Its number in that worker. */
  sequence = 0;
  /** How long it was expected to run when it was sent there, in ms. */
  expected = 0;
  readonly acceptedAt: number;
  /** Of the last attempt. */
  startedAt: number | undefined;

  readonly #owner: TaskOwner;
  readonly #runtime: Pick<Runtime, "now">;
  readonly #loop: LoopWatch;
  readonly #options: ResolvedRunOptions;
  #failures = 0;
  /** Of the time it may wait, or run, or rests. */
  #limit: Limit | RunLimit | undefined;
  readonly #patience: number;
  #wasStuck = false;
  #onAbort: (() => void) | undefined;
  #link: TaskLink | undefined;
  /** Asked for before it ran. */
  #pulled = 0;
  #onReleased: (() => void) | undefined;

  constructor(
    request: TaskRequest,
    options: ResolvedRunOptions,
    context: {
      readonly owner: TaskOwner;
      readonly runtime: Pick<Runtime, "now">;
      readonly loop: LoopWatch;
      /** In ms: how long its worker may leave it lying beyond its own time. */
      readonly patience: number;
      readonly order: number;
    },
  ) {
    this.request = request;
    this.#options = options;
    this.#owner = context.owner;
    this.#runtime = context.runtime;
    this.#loop = context.loop;
    this.#patience = context.patience;
    this.order = context.order;
    this.priority = options.priority;
    this.acceptedAt = context.runtime.now();
    const { signal } = options;
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.#onAbort = undefined; // it is off the list: to remove it again would search the whole of it
        this.#cancel(signal.reason, "aborted");
      };
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    if (request.inputs !== undefined) request.inputs.onFailure = (error) => this.giveUp(error);
    this.#wait();
  }

  get name(): string {
    return this.request.name;
  }

  get key(): string | undefined {
    return this.#options.key;
  }

  get rank(): number {
    if (this.request.target !== undefined) return Number.NEGATIVE_INFINITY; // a broadcast is for now
    return this.acceptedAt - this.priority * PRIORITY_STEP_MS;
  }

  get target(): Slot | undefined {
    return this.request.target;
  }

  /** Attempts after the first. */
  get retries(): number {
    return Math.max(0, this.#attempts - 1);
  }

  /** Needs a link when it starts. */
  get flows(): boolean {
    return this.request.inputs !== undefined || this.request.outcome.item !== undefined;
  }

  /**
   * It may wait in a worker. Not one whose time to wait is limited: that it did not run could not be said of it, because
   * it may begin there at any moment.
   */
  get mayGoAhead(): boolean {
    return (
      this.#options.queueTimeout === Number.POSITIVE_INFINITY && !this.flows && this.target === undefined
    );
  }

  /** It has been sent to a worker, and begins as soon as that has a seat for it: nearly always at once. */
  goAhead(workerId: number): void {
    this.state = "ahead";
    this.workerId = workerId;
  }

  /** Its waiting is over; from now on it runs. */
  start(link?: TaskLink): void {
    this.state = "running";
    this.#attempts++;
    this.startedAt = this.#runtime.now();
    this.#limitRun();
    if (link === undefined) return;
    this.#link = link;
    this.request.inputs?.connect(link);
    if (this.#pulled > 0) link.pull(this.#pulled);
  }

  /** The worker it was sent to died before it began: it waits again. */
  returnToQueue(): void {
    if (this.state === "running") this.#attempts--;
    this.request.inputs?.connect(undefined);
    this.#wait();
  }

  fulfil(value: unknown): void {
    if (this.#settle()) {
      this.request.outcome.fulfil(value);
      this.#owner.onSettled(this, true, undefined);
    }
  }

  fail(error: unknown, isGivenUp = false): void {
    if (this.#settle()) {
      this.request.outcome.fail(error, isGivenUp);
      this.#owner.onSettled(this, false, error);
    }
  }

  /** The one worker that could have taken it is gone. */
  lose(): void {
    this.request.outcome.lost?.();
    this.fulfil(undefined);
  }

  /** Its worker died or it threw: returns whether it will be made again. */
  failAttempt(error: unknown, how: AttemptFailure): boolean {
    if (!this.#isRetried(error, how)) {
      this.fail(error);
      return false;
    }
    this.#rest();
    return true;
  }

  // --- what the worker says while it runs ---

  onItem(item: unknown): void {
    if (this.state !== "running") return;
    // The time in which a stream waits for its consumer is not its run time.
    if (this.request.outcome.item?.(item) === true) this.#limit?.pause();
  }

  onProgress(value: unknown): void {
    if (this.state !== "running") return;
    callForeign(
      () => this.#options.onProgress?.(value),
      (error) => this.#owner.onForeignError(error, "onProgress"),
    );
  }

  /** What it gives can't be had here: its worker is told to stop. */
  refuse(error: unknown): void {
    if (this.state === "running") this.#cancel(error, "aborted");
  }

  /** It is of no use any more, wherever it is. */
  giveUp(reason: unknown): void {
    if (this.state !== "settled") this.#cancel(reason, "aborted");
  }

  /** The worker has let go of what was given up. */
  released(): void {
    if (this.state === "ending") this.#rest();
    this.#onReleased?.();
  }

  // --- what the consumer of a stream says ---

  pull(count: number): void {
    this.#pulled += count;
    this.#limit?.resume();
    this.#link?.pull(count);
  }

  /** Ends it before its end; resolves when its worker has let go of it. */
  stop(reason: unknown): Promise<void> {
    if (this.state === "settled") return Promise.resolve();
    const isHeld = this.state === "running";
    const released = new Promise<void>((resolve) => {
      if (isHeld) this.#onReleased = resolve;
      else resolve();
    });
    this.#owner.onCancel(this, reason, "aborted");
    this.fulfil(undefined);
    return released;
  }

  // --- its end ---

  #cancel(error: unknown, why: CancelCause): void {
    if (why === "timeout" && this.state === "running" && this.#isRetried(error, why)) {
      this.state = "ending";
      this.#limitTo(Number.POSITIVE_INFINITY, () => {});
      this.#owner.onCancel(this, error, why);
    } else {
      this.#owner.onCancel(this, error, why);
      this.fail(error, true);
    }
  }

  #isRetried(error: unknown, how: AttemptFailure): boolean {
    if (this.state === "settled") return false;
    this.#failures++;
    try {
      return isRetried(this.#options.retries, this.#failures, how, error);
    } catch (thrown) {
      this.#owner.onForeignError(thrown, "retries.when");
      return false;
    }
  }

  #rest(): void {
    const { retries } = this.#options;
    this.state = "resting";
    this.#owner.onResting(this);
    const delay = retries === undefined ? 0 : backoffDelay(retries.backoff, this.#failures, Math.random());
    this.#limitTo(delay, () => {
      this.#wait();
      this.#owner.onRested(this);
    });
  }

  #settle(): boolean {
    if (this.state === "settled") return false;
    this.state = "settled";
    this.#limit?.cancel();
    this.#limit = undefined;
    if (this.#onAbort !== undefined) this.#unlisten(this.#onAbort);
    this.request.inputs?.dispose();
    return true;
  }

  #unlisten(onAbort: () => void): void {
    try {
      this.#options.signal?.removeEventListener("abort", onAbort);
    } catch (error) {
      this.#owner.onForeignError(error, "signal");
    }
  }

  // --- its limits ---

  #wait(): void {
    this.state = "queued";
    this.#limitTo(this.#options.queueTimeout, () => this.#outwaited());
  }

  /** Replaces the limit in force: a task waits or runs, never both. */
  #limitTo(ms: number, onOver: () => void): void {
    this.#limit?.cancel();
    this.#limit = limitOf(this.#loop, ms, onOver);
  }

  #limitRun(): void {
    const { timeout } = this.#options;
    this.#limit?.cancel();
    this.#limit = undefined;
    if (timeout === Number.POSITIVE_INFINITY) return;
    this.#limit = new RunLimit(this.#loop, timeout, this.#patience, {
      hear: () => {
        const heard = this.#owner.hear(this);
        return this.state === "running" ? heard : undefined;
      },
      onOver: () => this.#cancel(this.timeoutError, "timeout"),
      onStuck: () => this.#onStuck(),
    });
  }

  /** Whether it ran longer than it may, by what its worker says; 0 where that does not know. */
  isOver(runTime: number): boolean {
    if (runTime <= this.#options.timeout || this.flows) return false; // one whose items flow also waits for others
    return this.#runtime.now() - (this.startedAt ?? 0) > this.#options.timeout; // no worker can know it of less
  }

  get timeoutError(): TaskTimeoutError {
    return outran(this.name, this.#options.timeout);
  }

  #outwaited(): void {
    const { queueTimeout } = this.#options;
    this.#cancel(outwaited(this.name, queueTimeout), "timeout");
  }

  /** Its worker has it and does not come to it: another may; a second that can't is not to blame. */
  #onStuck(): void {
    if (this.#wasStuck) this.#cancel(this.timeoutError, "timeout");
    else {
      this.#wasStuck = true;
      this.#owner.onStuck(this);
    }
  }
}
