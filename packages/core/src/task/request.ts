/** What a call asks for, who waits for it, and the ways between a task and whoever has it. */
import type { EncodedValue } from "../wire/value.ts";
import type { InputLink, Inputs } from "./inputs.ts";

/** What a call is, besides its options. */
export interface TaskRequest {
  readonly name: string;
  readonly args: EncodedValue;
  /** Of the Call frame. */
  readonly flags: number;
  readonly inputs: Inputs | undefined;
  /** A part of a broadcast: for one worker alone, and for now. */
  readonly isBroadcast: boolean;
  readonly outcome: Outcome;
}

/** Who waits for it. */
export interface Outcome {
  fulfil(value: unknown): void;
  /** `isCancelled`: by its caller or by time, and not by the task itself. */
  fail(error: unknown, isCancelled?: boolean): void;
  /** For a broadcast alone: its worker is gone before it began. */
  lost?(): void;
  /** For a stream alone. Returns whether the consumer has fallen behind, so that the worker stands still. */
  item?(value: unknown): boolean;
}

export type CancelCause = "aborted" | "timeout";

/** Whoever has sent it to a worker, and knows it there. */
export interface TaskHolder {
  /** The task is over for its caller, or will be made again: the worker is told. */
  cancel(reason: unknown, why: CancelCause): void;
  /** Hears first what the worker has written: the task may be over by that. */
  catchUp(): AttemptStatus;
  /** The worker has it and does not come to it: it is ended, so that another may run it. */
  onStuck(): void;
}

/** What is known of a worker once it has been heard. */
export interface AttemptStatus {
  /** It has begun the task. */
  readonly hasBegun: boolean;
  /** It has written more than has come, or can be read in its journal. */
  readonly isBehind: boolean;
}

/** The way to the worker that runs it, where items flow. */
export interface TaskLink extends InputLink {
  pull(count: number): void;
}
