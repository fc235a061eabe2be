/** One task in one worker, from its Call until the worker has answered it. The task knows it as its holder. */
import type { CancelCause, Heard, TaskHolder } from "../task/request.ts";
import type { Task } from "../task/task.ts";

/** The worker's side of it. */
export interface Holding {
  abandon(assignment: Assignment, reason: unknown, why: CancelCause): void;
  hear(assignment: Assignment): Heard;
  onStuck(): void;
}

export class Assignment implements TaskHolder {
  readonly task: Task;
  /** The number under which the worker knows it. */
  readonly sequence: number;
  /** How long it was expected to run when it was sent, in ms. */
  readonly expected: number;
  /** The worker runs it, as far as the host can tell. */
  isSeated = false;
  /** Why its caller has given it up. */
  abandoned: CancelCause | undefined;
  /** The time it had to stop is over. */
  isOverdue = false;
  readonly #worker: Holding;

  constructor(task: Task, sequence: number, expected: number, worker: Holding) {
    this.task = task;
    this.sequence = sequence;
    this.expected = expected;
    this.#worker = worker;
  }

  abandon(reason: unknown, why: CancelCause): void {
    this.#worker.abandon(this, reason, why);
  }

  hear(): Heard {
    return this.#worker.hear(this);
  }

  onStuck(): void {
    this.#worker.onStuck();
  }
}
