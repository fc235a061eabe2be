/** What a slot is given by its pool, and the events it reports. */

import type { HostProcess } from "../host/host-process.ts";
import type { ResolvedOptions } from "../options/pool-options.ts";
import type { OutputStream } from "../port/runtime.ts";
import type { RunTimes } from "../task/run-times.ts";
import type { Task } from "../task/task.ts";
import type { Trace } from "../trace.ts";
import type { Death, LostTask } from "./death.ts";

/** A death, and whether a task is to blame for it. */
export type EndOfWork = Death & {
  /** A task was running, including one that was cancelled. */
  readonly ranTask: boolean;
  readonly lost: readonly LostTask[];
};

/** `S` is the Slot class, which can't be imported here without a cycle. */
export interface SlotOwner<S> {
  /** What it is counted as has changed: its state, or how many tasks it has. Called for each step of each call. */
  onChanged(slot: S): void;
  onStart(slot: S): void;
  /** Its process is gone before it was ready, and another will take its place. */
  onMoved(slot: S, death: Death): void;
  /** This host may not signal a worker. */
  onRefused(error: Error): void;
  /** It has loaded its module, and can be given what has to precede its first task. */
  onWarming(slot: S): void;
  onReady(slot: S): void;
  /** A task has ended: the worker may have room for another. */
  onOutcome(slot: S): void;
  /** A line, or a chunk. */
  onOutput(slot: S, stream: OutputStream, output: string | Uint8Array): void;
  /** It takes no more tasks, but finishes those it has. */
  onRetired(slot: S): void;
  /** It should be replaced. */
  onDue(slot: S): void;
  /** The process is gone and the slot free. @param unstarted Tasks that were sent to it and never began, in order. */
  onDead(slot: S, death: EndOfWork, unstarted: readonly Task[]): void;
}

/** What all slots of a pool share. */
export interface SlotContext<S> {
  readonly host: HostProcess;
  readonly options: ResolvedOptions;
  /** The worker module, as an absolute URL. */
  readonly module: string;
  readonly runTimes: RunTimes;
  /** Calls that wait in workers. */
  readonly ahead: { count: number };
  /** Calls hear output: workers are started so that all of it passes through the host. */
  readonly output: { readonly isWanted: boolean };
  readonly trace?: Trace | undefined;
  readonly owner: SlotOwner<S>;
}
