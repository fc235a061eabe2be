/** One task in one worker, from its Call until the worker's answer. The task knows it as its holder. */
import type { WorkerInfo } from "../port/worker-info.ts";
import type { AttemptStatus, CancelCause, TaskHolder } from "../task/request.ts";
import type { Task } from "../task/task.ts";

/** What carries these out for the worker. */
export interface Holding {
  readonly info: WorkerInfo;
  cancel(assignment: Assignment, reason: unknown, why: CancelCause): void;
  catchUp(assignment: Assignment): AttemptStatus;
  onStuck(): void;
}

export class Assignment implements TaskHolder {
  readonly task: Task;
  /** Its number in the worker. */
  readonly sequence: number;
  /** Its expected run time when it was sent, in ms. */
  readonly expected: number;
  /** The worker runs it, as far as the host can tell. */
  isRunning = false;
  /** Why it was cancelled. */
  cancelled: CancelCause | undefined;
  /** It was cancelled and did not stop in time. */
  isOverdue = false;
  readonly #worker: Holding;

  constructor(task: Task, sequence: number, expected: number, worker: Holding) {
    this.task = task;
    this.sequence = sequence;
    this.expected = expected;
    this.#worker = worker;
  }

  get worker(): WorkerInfo {
    return this.#worker.info;
  }

  cancel(reason: unknown, why: CancelCause): void {
    this.#worker.cancel(this, reason, why);
  }

  catchUp(): AttemptStatus {
    return this.#worker.catchUp(this);
  }

  onStuck(): void {
    this.#worker.onStuck();
  }
}
