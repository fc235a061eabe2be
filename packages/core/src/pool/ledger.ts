/**
 * The books of a pool: counts calls and how they ended, reports each end, and keeps the host alive while a call is pending.
 */
import type { Runtime } from "../port/runtime.ts";
import type { Task } from "../task/task.ts";
import type { TaskLedger } from "../task/task-context.ts";
import type { Trace } from "../trace.ts";
import { type Events, resultOf } from "./events.ts";
import type { KeepAlive } from "./keep-alive.ts";

export interface LedgerReports {
  readonly clock: Pick<Runtime, "now">;
  readonly events: Pick<Events, "emit" | "hasListeners">;
  readonly trace: Trace | undefined;
  /** No call is pending any more. */
  onIdle(): void;
}

export class Ledger implements TaskLedger<Task> {
  pending = 0;
  completed = 0;
  failed = 0;
  readonly #keepAlive: KeepAlive;
  readonly #reports: LedgerReports;

  constructor(keepAlive: KeepAlive, reports: LedgerReports) {
    this.#keepAlive = keepAlive;
    this.#reports = reports;
  }

  onAccepted(): void {
    this.pending++;
    this.#keepAlive.hold();
  }

  onSettled(task: Task, isFulfilled: boolean, error: unknown): void {
    this.pending--;
    if (isFulfilled) this.completed++;
    else this.failed++;
    this.#keepAlive.release();
    const { trace, events, clock } = this.#reports;
    trace?.settled(task, isFulfilled, error);
    if (events.hasListeners("result")) events.emit("result", resultOf(task, error, clock.now()));
    if (this.pending === 0) this.#reports.onIdle();
  }

  get submitted(): number {
    return this.pending + this.completed + this.failed;
  }
}
