/**
 * One call, from the moment it is accepted until it settles, which happens once. Owns its state and its attempts, and
 * releases its limits, its abort listener and its arguments when it settles. Does not know where it waits or runs.
 *
 *     queued --assign--> sent --start--> running --fulfil, fail--> settled
 *        ^                 |                |
 *        +-its worker died-+                +--timed out, to be retried--> ending (its worker still has it)
 *        |                                                                   v
 *        +-------------------------- back-off over ---------------------- resting
 */

import { rejectNamed, wasGiven } from "../call-site.ts";
import type { TaskTimeoutError } from "../errors.ts";
import type { BegunCall, ResolvedRunOptions } from "../options/call-options.ts";
import type { OutputStream } from "../port/runtime.ts";
import { onAbort } from "./abort.ts";
import { queueTimeoutError, taskTimeoutError } from "./call-errors.ts";
import { ItemFlow } from "./item-flow.ts";
import type { AttemptStatus, CancelCause, TaskHolder, TaskLink, TaskRequest } from "./request.ts";
import { type AttemptFailure, backoffDelay, isRetried } from "./retry-policy.ts";
import type { TaskContext } from "./task-context.ts";
import { TimeLimit, type TimeLimitEvents } from "./time-limit.ts";
import { tellOutput, tellProgress, tellStart } from "./told.ts";

/** The head start of one step of priority, in ms. */
export const PRIORITY_STEP_MS = 1_000;

export class Task implements TimeLimitEvents {
  /** Its neighbours in a queue. */
  previous: Task | undefined = undefined;
  next: Task | undefined = undefined;
  readonly request: TaskRequest;
  /** Its number among all tasks of its pool. */
  readonly order: number;
  readonly acceptedAt: number;
  state: "queued" | "sent" | "running" | "ending" | "resting" | "settled" = "queued";
  /** The worker that has it, or had it last. */
  workerId: number | undefined;
  /** How often it was sent to a worker. */
  sends = 0;
  /** Start of the last attempt. */
  startedAt: number | undefined;

  readonly #context: TaskContext<Task>;
  readonly #options: ResolvedRunOptions;
  readonly #flow: ItemFlow | undefined;
  #holder: TaskHolder | undefined;
  /** Attempts known to have begun. */
  #attempts = 0;
  #failures = 0;
  #wasStuck = false;
  /** Created with the first limit: most calls have none. */
  #limit: TimeLimit | undefined;
  #unsubscribe: (() => void) | undefined;
  #onReleased: (() => void) | undefined;

  constructor(request: TaskRequest, options: ResolvedRunOptions, order: number, context: TaskContext<Task>) {
    this.request = request;
    this.order = order;
    this.#options = options;
    this.#context = context;
    this.acceptedAt = context.clock.now();
    const { inputs, outcome } = request;
    if (inputs !== undefined || outcome.item !== undefined) this.#flow = new ItemFlow(inputs);
    if (inputs !== undefined || options.signal !== undefined) this.#listen();
    this.#wait();
  }

  /** On its own: the scope of its closures would be made for each call. */
  #listen(): void {
    const { inputs } = this.request;
    if (inputs !== undefined) inputs.onFailure = (error) => this.abort(error);
    const { signal } = this.#options;
    if (signal === undefined) return;
    const onForeign = (error: unknown) => this.#context.owner.onForeignError(error, "signal");
    this.#unsubscribe = onAbort(signal, (reason) => this.abort(reason), onForeign);
  }

  get name(): string {
    return this.request.name;
  }

  get key(): string | undefined {
    return this.#options.key;
  }

  get priority(): number {
    return this.#options.priority;
  }

  /** In ms; the smallest rank goes first. */
  get rank(): number {
    if (this.request.isBroadcast) return Number.NEGATIVE_INFINITY; // a broadcast goes first
    return this.acceptedAt - this.priority * PRIORITY_STEP_MS;
  }

  /** Attempts after the first. */
  get retries(): number {
    return Math.max(0, this.#attempts - 1);
  }

  /** Items flow while it runs: it needs a link when it starts. */
  get flows(): boolean {
    return this.#flow !== undefined;
  }

  /**
   * It may wait in a worker. A task with a `queueTimeout` may not: it could begin there at any moment, so the pool could
   * not promise that it never ran. Nor may one that hears output: that of the task before it could not be told from its own.
   */
  get mayGoAhead(): boolean {
    const mayBegin = this.#options.queueTimeout === Number.POSITIVE_INFINITY && !this.hearsOutput;
    return mayBegin && !this.flows && !this.request.isBroadcast;
  }

  get hearsOutput(): boolean {
    return this.#options.onOutput !== undefined;
  }

  // --- to a worker and back ---

  /** It has been sent to a worker, and begins as soon as that has free capacity: nearly always at once. */
  assign(workerId: number, holder: TaskHolder): void {
    this.state = "sent";
    this.sends++;
    this.workerId = workerId;
    this.#holder = holder;
  }

  /** It runs from now on. */
  start(link?: TaskLink): void {
    this.state = "running";
    this.#attempts++;
    this.startedAt = this.#context.clock.recent();
    this.#context.trace?.task(this, `runs in w${this.workerId}, attempt ${this.#attempts}`);
    const { timeout } = this.#options;
    this.#limitOf(timeout)?.run(timeout, this.#context.patience);
    if (link !== undefined) this.#flow?.connect(link);
    const { onStart } = this.#options;
    if (onStart === undefined) return;
    const begun: BegunCall = { worker: (this.#holder as TaskHolder).worker, retries: this.retries };
    void tellStart(onStart, begun, this.#context.owner);
  }

  /** The worker it was sent to died before it began: it waits again. */
  returnToQueue(): void {
    if (this.state === "running") this.#attempts--;
    this.#flow?.connect(undefined);
    this.#wait();
  }

  /** The worker has let go of it after it was cancelled. */
  released(): void {
    if (this.state === "ending") this.#rest();
    this.#onReleased?.();
  }

  // --- its end ---

  fulfil(value: unknown): void {
    if (this.#settle()) {
      this.request.outcome.fulfil(value);
      this.#context.ledger.onSettled(this, true, undefined);
    }
  }

  fail(error: unknown, isCancelled = false): void {
    if (this.#settle()) {
      const { outcome } = this.request;
      if (outcome.fail === undefined) rejectNamed(outcome, error);
      else outcome.fail(error, isCancelled);
      this.#context.ledger.onSettled(this, false, error);
    }
  }

  /** The one worker that could have taken it is gone. */
  lose(): void {
    this.request.outcome.lost?.();
    this.fulfil(undefined);
  }

  /** Its worker died, it timed out or it threw. Returns whether it will be retried. */
  failAttempt(error: unknown, how: AttemptFailure): boolean {
    if (!this.#isRetried(error, how)) {
      this.fail(error);
      return false;
    }
    this.#rest();
    this.#context.owner.onRetry(this, error);
    return true;
  }

  /** Aborts it, wherever it is. */
  abort(reason: unknown): void {
    wasGiven(reason);
    this.refuse(reason);
  }

  /** The same, with an error of the pool's own. */
  refuse(error: unknown): void {
    if (this.state !== "settled") this.#cancel(error, "aborted");
  }

  // --- from the worker, while it runs ---

  onItem(item: unknown): void {
    if (this.state !== "running") return;
    // Time a stream spends waiting for its consumer is not run time.
    if (this.request.outcome.item?.(item) === true) this.#limit?.pause();
  }

  onProgress(value: unknown): void {
    if (this.state === "running") tellProgress(this.#options, value, this.#context.owner);
  }

  /** Also while its worker stops it for another attempt. @param bytes Valid only during the call. */
  onOutput(stream: OutputStream, bytes: Uint8Array): void {
    if (this.state !== "settled") tellOutput(this.#options, stream, bytes, this.#context.owner);
  }

  /** It sent a value that can't be received here: its worker is asked to stop. */
  onUnreceivable(error: unknown): void {
    if (this.state === "running") this.#cancel(error, "aborted");
  }

  /** Whether it ran longer than its timeout. @param runTime As measured by its worker; 0 when it was not measured. */
  isOver(runTime: number): boolean {
    const { timeout } = this.#options;
    if (runTime <= timeout || this.flows) return false; // with flowing items, run time includes waiting for the other side
    return this.#context.clock.now() - (this.startedAt ?? 0) > timeout; // its worker can't have run it for longer than the host has waited
  }

  get timeoutError(): TaskTimeoutError {
    return taskTimeoutError(this.name, this.#options.timeout, this.#holder?.worker.pid);
  }

  // --- from the consumer of a stream ---

  pull(count: number): void {
    this.#limit?.resume();
    this.#flow?.pull(count);
  }

  /** Ends it early; resolves when its worker has let go of it. */
  stop(reason: unknown): Promise<void> {
    if (this.state === "settled") return Promise.resolve();
    const isHeld = this.state === "running";
    const released = new Promise<void>((resolve) => {
      if (isHeld) this.#onReleased = resolve;
      else resolve();
    });
    this.#withdraw(reason, "aborted");
    this.fulfil(undefined);
    return released;
  }

  // --- from its time limit ---

  onWaitedTooLong(): void {
    this.#cancel(queueTimeoutError(this.name, this.#options.queueTimeout), "timeout");
  }

  /** Undefined when what its worker has written settled it. */
  catchUp(): AttemptStatus | undefined {
    const status = this.#holder?.catchUp();
    return this.state === "running" ? status : undefined;
  }

  onOver(): void {
    this.#cancel(this.timeoutError, "timeout");
  }

  /** Its worker has it but does not start it: another worker may. If a second one does not either, it times out. */
  onStuck(): void {
    if (this.#wasStuck) this.onOver();
    else {
      this.#wasStuck = true;
      this.#holder?.onStuck();
    }
  }

  onRested(): void {
    this.#wait();
    this.#context.owner.onRested(this);
  }

  // --- decisions ---

  #wait(): void {
    this.state = "queued";
    this.#context.trace?.task(this, `queued ${this.name}${this.workerId === undefined ? "" : " again"}`);
    this.#holder = undefined;
    const { queueTimeout } = this.#options;
    this.#limitOf(queueTimeout)?.wait(queueTimeout);
  }

  #rest(): void {
    const { retries } = this.#options;
    this.state = "resting";
    this.#holder = undefined;
    this.#context.owner.onResting(this);
    const delay = retries === undefined ? 0 : backoffDelay(retries.backoff, this.#failures, Math.random());
    this.#context.trace?.task(this, `rests ${Math.round(delay)} ms after failure ${this.#failures}`);
    this.#limitOf(delay)?.rest(delay);
  }

  #cancel(error: unknown, why: CancelCause): void {
    const isMadeAgain = why === "timeout" && this.state === "running" && this.#isRetried(error, why);
    if (isMadeAgain) {
      this.state = "ending";
      this.#context.trace?.task(this, `over its time: made again once w${this.workerId} has let go`);
      this.#limit?.cancel();
    }
    this.#withdraw(error, why);
    if (isMadeAgain) this.#context.owner.onRetry(this, error);
    else this.fail(error, true);
  }

  #withdraw(reason: unknown, why: CancelCause): void {
    this.#holder?.cancel(reason, why);
    this.#context.owner.onWithdrawn(this);
  }

  #isRetried(error: unknown, how: AttemptFailure): boolean {
    if (this.state === "settled") return false;
    this.#failures++;
    try {
      return isRetried(this.#options.retries, this.#failures, how, error);
    } catch (thrown) {
      this.#context.owner.onForeignError(thrown, "retries.when");
      return false;
    }
  }

  #settle(): boolean {
    if (this.state === "settled") return false;
    this.state = "settled";
    this.#holder = undefined;
    this.#limit?.cancel();
    this.#unsubscribe?.();
    this.request.inputs?.dispose();
    return true;
  }

  #limitOf(ms: number): TimeLimit | undefined {
    if (ms !== Number.POSITIVE_INFINITY) this.#limit ??= new TimeLimit(this.#context.loop, this);
    return this.#limit;
  }
}
