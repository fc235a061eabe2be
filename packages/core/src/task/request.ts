/** What a task is told to do, who waits for it, and whom it tells what becomes of it. */

import type { Slot } from "../slot/slot.ts";
import type { EncodedValue } from "../wire/value.ts";
import type { InputLink, Inputs } from "./inputs.ts";
import type { Task } from "./task.ts";

/** What is known of a worker once it has been heard. */
export interface Heard {
  /** It has begun the task. */
  readonly hasBegun: boolean;
  /** It has written more than has come, or can be read in its journal. */
  readonly isBehind: boolean;
}

export interface TaskOwner {
  /** The caller gave up, or time did: the task is settled, or ends to be made again. Whoever has it must be told. */
  onCancel(task: Task, error: unknown, why: CancelCause): void;
  /** It waits for its back-off to be over, and then for a worker. */
  onResting(task: Task): void;
  onRested(task: Task): void;
  /** Its time may be over: hears first what its worker has written, so that it may have ended. */
  hear(task: Task): Heard;
  /** Its worker has it and does not come to it. */
  onStuck(task: Task): void;
  /** Something of the application's own has thrown, and no call can say so. */
  onForeignError(error: unknown, where: string): void;
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
