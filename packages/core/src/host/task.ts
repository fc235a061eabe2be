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
import { QueueTimeoutError, TaskTimeoutError } from "../errors.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import type { ResolvedRunOptions } from "../run-options.ts";
import type { EncodedValue } from "../wire/value.ts";
import type { Waiting } from "./backlog.ts";
import type { InputLink, Inputs } from "./inputs.ts";
import { PRIORITY_STEP_MS } from "./queue.ts";
import { type AttemptFailure, backoffDelay, isRetried } from "./retry-policy.ts";
import type { Slot } from "./slot.ts";
import { throwLater } from "./throw-later.ts";

export interface TaskOwner {
  /** The caller gave up, or time did: the task is settled, or ends to be made again. Whoever has it must be told. */
  onCancel(task: Task, error: unknown, why: CancelCause): void;
  /** It waits for its back-off to be over, and then for a worker. */
  onResting(task: Task): void;
  onRested(task: Task): void;
  onSettled(task: Task, isFulfilled: boolean, error: unknown): void;
}

export type CancelCause = "aborted" | "timeout";

/** What a call is, besides its options. */
export interface TaskRequest {
  readonly name: string;
  readonly args: EncodedValue;
  /** Of the Call frame. */
  readonly flags: number;
  readonly inputs: Inputs | undefined;
  readonly target: Slot | undefined;
  readonly outcome: Outcome;
}

/** Who waits for it. */
export interface Outcome {
  fulfil(value: unknown): void;
  /** `isGivenUp`: by its caller or by time, and not by the task itself. */
  fail(error: unknown, isGivenUp?: boolean): void;
  /** For a broadcast alone: its worker is gone before it began. */
  lost?(): void;
  /** For a stream alone. Returns whether the consumer has fallen behind, so that the worker stands still. */
  item?(value: unknown): boolean;
}

/** The way to the worker that runs it, where items flow. */
export interface TaskLink extends InputLink {
  pull(count: number): void;
}

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
  readonly #runtime: Runtime;
  readonly #options: ResolvedRunOptions;
  #failures = 0;
  #timer: Timer | undefined;
  /** When a limit that stands still while the consumer is behind goes off. */
  #deadline = 0;
  #isPaused = false;
  #onAbort: (() => void) | undefined;
  #link: TaskLink | undefined;
  /** Asked for before it ran. */
  #pulled = 0;
  #onReleased: (() => void) | undefined;

  constructor(
    request: TaskRequest,
    options: ResolvedRunOptions,
    context: { readonly owner: TaskOwner; readonly runtime: Runtime; readonly order: number },
  ) {
    this.request = request;
    this.#options = options;
    this.#owner = context.owner;
    this.#runtime = context.runtime;
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
    this.#limit(this.#options.timeout, () => this.#outran());
    if (link === undefined) return;
    this.#link = link;
    this.request.inputs?.connect(link);
    if (this.#pulled > 0) link.pull(this.#pulled);
  }

  /** The worker it was sent to died before it began: it waits again. */
  returnToQueue(): void {
    if (this.state === "running") this.#attempts--;
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
    if (this.state === "running" && this.request.outcome.item?.(item) === true) this.#pause();
  }

  onProgress(value: unknown): void {
    if (this.state !== "running") return;
    try {
      this.#options.onProgress?.(value);
    } catch (error) {
      throwLater(error);
    }
  }

  /** What it gives can't be had here: its worker is told to stop. */
  refuse(error: unknown): void {
    if (this.state === "running") this.#cancel(error, "aborted");
  }

  /** The worker has let go of what was given up. */
  released(): void {
    if (this.state === "ending") this.#rest();
    this.#onReleased?.();
  }

  // --- what the consumer of a stream says ---

  pull(count: number): void {
    this.#pulled += count;
    this.#resume();
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
      this.#timer?.cancel();
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
      throwLater(thrown); // by `when`
      return false;
    }
  }

  #rest(): void {
    const { retries } = this.#options;
    this.state = "resting";
    this.#owner.onResting(this);
    const delay = retries === undefined ? 0 : backoffDelay(retries.backoff, this.#failures, Math.random());
    this.#limit(delay, () => {
      this.#wait();
      this.#owner.onRested(this);
    });
  }

  #settle(): boolean {
    if (this.state === "settled") return false;
    this.state = "settled";
    this.#timer?.cancel();
    if (this.#onAbort !== undefined) this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.request.inputs?.dispose();
    return true;
  }

  // --- its limits ---

  #wait(): void {
    this.state = "queued";
    this.#limit(this.#options.queueTimeout, () => this.#outwaited());
  }

  /** Replaces the limit in force: a task waits or runs, never both. */
  #limit(ms: number, onTime: () => void): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#isPaused = false;
    if (ms === Number.POSITIVE_INFINITY) return;
    this.#deadline = this.#runtime.now() + ms;
    this.#timer = this.#runtime.startTimer(ms, onTime);
  }

  /** The time in which a stream waits for its consumer is not its run time. */
  #pause(): void {
    if (this.#timer === undefined || this.#isPaused) return;
    this.#isPaused = true;
    this.#timer.cancel();
    this.#deadline -= this.#runtime.now(); // what is left
  }

  #resume(): void {
    if (this.#isPaused) this.#limit(this.#deadline, () => this.#outran());
  }

  #outwaited(): void {
    const { queueTimeout } = this.#options;
    this.#cancel(
      new QueueTimeoutError(
        `Task \`${this.name}\` waited ${queueTimeout} ms for a worker, its queueTimeout, and was not started; ` +
          "raise `maxWorkers` or `queueTimeout`, or submit less",
      ),
      "timeout",
    );
  }

  #outran(): void {
    this.#cancel(
      new TaskTimeoutError(
        `Task \`${this.name}\` ran longer than its timeout of ${this.#options.timeout} ms`,
      ),
      "timeout",
    );
  }
}
