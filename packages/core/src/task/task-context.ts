/** What a task is given by its pool, and the events it reports. `T` is the Task class: importing it here would be a cycle. */
import type { HostClock } from "../host/host-clock.ts";
import type { LoopWatch } from "../host/loop-watch.ts";
import type { Trace } from "../trace.ts";

export interface TaskOwner<T> {
  /** It was aborted or timed out: it waits no longer, and a worker that has it was asked to stop. */
  onWithdrawn(task: T): void;
  /** It waits for its back-off, and then for a worker. */
  onResting(task: T): void;
  onRested(task: T): void;
  /** An attempt failed with this error, and another will follow. */
  onRetry(task: T, error: unknown): void;
  /** Application code has thrown, and no call can reject with it. */
  onForeignError(error: unknown, where: string): void;
}

/** Is told of each end, once, after the caller. */
export interface TaskLedger<T> {
  onSettled(task: T, isFulfilled: boolean, error: unknown): void;
}

/** What all tasks of a pool share. */
export interface TaskContext<T> {
  readonly owner: TaskOwner<T>;
  readonly ledger: TaskLedger<T>;
  readonly loop: LoopWatch;
  readonly clock: HostClock;
  /** How long a worker may leave a task unstarted, in ms. */
  readonly patience: number;
  readonly trace?: Trace | undefined;
}
