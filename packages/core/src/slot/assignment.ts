/** One task in one worker, from its Call until the worker has answered it. The task knows it as its holder. */
import type { AttemptStatus, CancelCause, TaskHolder } from "../task/request.ts";
import type { Task } from "../task/task.ts";

/** The worker's side of it. */
export interface Holding {
  cancel(assignment: Assignment, reason: unknown, why: CancelCause): void;
  catchUp(assignment: Assignment): AttemptStatus;
  onStuck(): void;
}

export class Assignment implements TaskHolder {
  readonly task: Task;
  /** The number under which the worker knows it. */
  readonly sequence: number;
  /** How long it was expected to run when it was sent, in ms. */
  readonly expected: number;
  /** The worker runs it, as far as the host can tell. */
  isRunning = false;
  /** Why its caller has given it up. */
  cancelled: CancelCause | undefined;
  /** The time it had to stop is over. */
  isOverdue = false;
  readonly #worker: Holding;

  constructor(task: Task, sequence: number, expected: number, worker: Holding) {
    this.task = task;
    this.sequence = sequence;
    this.expected = expected;
    this.#worker = worker;
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
