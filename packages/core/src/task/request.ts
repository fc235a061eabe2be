/** What a call asks for, where its outcome goes, and the interfaces between a task and the worker it was sent to. */
import type { WorkerInfo } from "../port/worker-info.ts";
import type { EncodedValue } from "../wire/value.ts";
import type { InputLink, Inputs } from "./inputs.ts";

/** A call, without its options. */
export interface TaskRequest {
  readonly name: string;
  readonly args: EncodedValue;
  /** Flags of the Call frame. */
  readonly flags: number;
  readonly inputs: Inputs | undefined;
  /** A part of a broadcast: only one worker may take it, and it goes first. */
  readonly isBroadcast: boolean;
  readonly outcome: Outcome;
}

/** Where the outcome of a call goes. */
export interface Outcome {
  fulfil(value: unknown): void;
  /**
   * Undefined where `fulfil` resolves a promise that the caller awaits: `rejectNamed` rejects it, and a waiting call is
   * smaller.
   *
   * @param isCancelled It was aborted or timed out; the task itself did not fail.
   */
  readonly fail: ((error: unknown, isCancelled?: boolean) => void) | undefined;
  /** Broadcasts only: its worker died before it began. */
  readonly lost: (() => void) | undefined;
  /** Streams only. Returns whether the consumer has fallen behind, so that the worker pauses. */
  readonly item: ((value: unknown) => boolean) | undefined;
}

export type CancelCause = "aborted" | "timeout";

/** The record of a task that was sent to a worker. */
export interface TaskHolder {
  /** As it is now. */
  readonly worker: WorkerInfo;
  /** Cancels it in the worker: its caller has its outcome already, or it will be retried. */
  cancel(reason: unknown, why: CancelCause): void;
  /** Reads what the worker has written so far, which may settle the task. */
  catchUp(): AttemptStatus;
  /** The worker has it but does not start it: the worker is killed, so that another can run the task. */
  onStuck(): void;
}

/** What is known of a task in its worker once all that the worker has written was read. */
export interface AttemptStatus {
  /** The worker has begun it. */
  readonly hasBegun: boolean;
  /** The worker has written more than has arrived or can be read in its journal. */
  readonly isBehind: boolean;
}

/** The channel to the worker that runs it, for tasks whose items flow. */
export interface TaskLink extends InputLink {
  pull(count: number): void;
}
