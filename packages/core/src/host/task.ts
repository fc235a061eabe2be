/**
 * One call, from the moment it is accepted until it settles, which happens once. Owns its promise, its abort
 * listener and its timers, and lets go of all of them when it settles. Does not know where it waits or runs.
 */

import { QueueTimeoutError, TaskTimeoutError } from "../errors.ts";
import type { ResolvedRunOptions } from "../options.ts";
import type { Runtime, Timer } from "../port/runtime.ts";
import type { EncodedValue } from "../wire/value.ts";
import type { Queued } from "./queue.ts";

export interface TaskOwner {
  /** The caller gave up, or time did: the task must be settled with the error and taken out. */
  onCancel(task: Task, error: unknown, why: CancelCause): void;
  onSettled(task: Task, isFulfilled: boolean): void;
}

export type CancelCause = "aborted" | "timeout";

export class Task implements Queued<Task> {
  previous: Task | undefined = undefined;
  next: Task | undefined = undefined;
  readonly name: string;
  readonly args: EncodedValue;
  readonly promise: Promise<unknown>;
  state: "queued" | "running" | "settled" = "queued";

  readonly #owner: TaskOwner;
  readonly #runtime: Runtime;
  readonly #options: ResolvedRunOptions;
  #resolve!: (value: unknown) => void;
  #reject!: (error: unknown) => void;
  #timer: Timer | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    name: string,
    args: EncodedValue,
    options: ResolvedRunOptions,
    context: { owner: TaskOwner; runtime: Runtime },
  ) {
    this.name = name;
    this.args = args;
    this.#options = options;
    this.#owner = context.owner;
    this.#runtime = context.runtime;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal } = options;
    if (signal !== undefined) {
      this.#onAbort = () => {
        this.#onAbort = undefined; // it is off the list: to remove it again would search the whole of it
        this.#owner.onCancel(this, signal.reason, "aborted");
      };
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    this.#limit(options.queueTimeout, () => this.#outwaited());
  }

  /** Its waiting is over; from now on it runs. */
  start(): void {
    this.state = "running";
    this.#limit(this.#options.timeout, () => this.#outran());
  }

  /** The worker it was sent to died before it began: it waits again. */
  returnToQueue(): void {
    this.state = "queued";
    this.#limit(this.#options.queueTimeout, () => this.#outwaited());
  }

  fulfil(value: unknown): void {
    if (!this.#settle()) return;
    this.#resolve(value);
    this.#owner.onSettled(this, true);
  }

  fail(error: unknown): void {
    if (!this.#settle()) return;
    this.#reject(error);
    this.#owner.onSettled(this, false);
  }

  #settle(): boolean {
    if (this.state === "settled") return false;
    this.state = "settled";
    this.#timer?.cancel();
    if (this.#onAbort !== undefined) this.#options.signal?.removeEventListener("abort", this.#onAbort);
    return true;
  }

  /** Replaces the limit in force: a task waits or runs, never both. */
  #limit(ms: number, onTime: () => void): void {
    this.#timer?.cancel();
    this.#timer = ms === Number.POSITIVE_INFINITY ? undefined : this.#runtime.startTimer(ms, onTime);
  }

  #outwaited(): void {
    const { queueTimeout } = this.#options;
    const error = new QueueTimeoutError(
      `Task \`${this.name}\` waited ${queueTimeout} ms for a worker, its queueTimeout, and was not started; ` +
        "raise `maxWorkers` or `queueTimeout`, or submit less",
    );
    this.#owner.onCancel(this, error, "timeout");
  }

  #outran(): void {
    const error = new TaskTimeoutError(
      `Task \`${this.name}\` ran longer than its timeout of ${this.#options.timeout} ms`,
    );
    this.#owner.onCancel(this, error, "timeout");
  }
}
