/**
 * The tasks a worker has been sent and has not answered, by sequence number. Knows which of them it runs, which were sent
 * ahead and wait in it, and which their callers have given up; what is done about these, and what happens to the worker,
 * is decided in workload.ts.
 *
 * A worker starts its tasks in the order of their numbers, as many as it has seats: so the seated are the first of them.
 */

import type { CancelCause } from "../task/request.ts";
import type { Task } from "../task/task.ts";

interface Abandoned {
  readonly why: CancelCause;
  /** The time it had to stop is over. */
  isOverdue: boolean;
}

/** The protocol has 32 bits for it; some hours at full speed. A number must not come twice. */
const LAST_SEQUENCE = 2 ** 32 - 1;

export class Assignments {
  readonly #tasks = new Map<number, Task>();
  readonly #seats: number;
  #seated = 0;
  #lastSeated = 0;
  /** Stands behind the last that was seated; what is added later comes up in it. */
  #ahead: MapIterator<Task> = this.#tasks.values();
  /** Tasks given up that the worker still runs. */
  readonly #abandoned = new Map<number, Abandoned>();
  /** Of these, those that wait. */
  #abandonedAhead = 0;
  #lastSequence = 0;

  /** @param seats Tasks that may overlap. */
  constructor(seats: number) {
    this.#seats = seats;
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** Tasks that occupy a seat: one that was given up does until the worker has answered it. */
  get seated(): number {
    return this.#seated;
  }

  /** Tasks that wait for a seat and whose callers wait for them. */
  get queued(): number {
    return this.#tasks.size - this.#seated - this.#abandonedAhead;
  }

  /** Whether the worker may be given another: not with a task that should have stopped, nor out of numbers. */
  get isOpen(): boolean {
    if (!this.hasNumbers) return false;
    if (this.#abandoned.size === 0) return true;
    for (const { isOverdue } of this.#abandoned.values()) if (isOverdue) return false;
    return true;
  }

  get hasNumbers(): boolean {
    return this.#lastSequence < LAST_SEQUENCE;
  }

  /** Those whose callers still wait. */
  get unsettled(): readonly Task[] {
    return [...this.#tasks.values()].filter((task) => task.state !== "settled");
  }

  /** Returns the number under which the worker knows the task: each is one more than the last. */
  add(task: Task): number {
    task.sequence = ++this.#lastSequence;
    this.#tasks.set(task.sequence, task);
    return task.sequence;
  }

  /** The next of those that wait gets a seat, if there is one; undefined when there is none, or nobody waits. */
  seatNext(): Task | undefined {
    if (this.#seated >= this.#seats || this.#seated === this.#tasks.size) return undefined;
    this.#seated++;
    const task = this.#ahead.next().value as Task;
    this.#lastSeated = task.sequence;
    if (this.#abandoned.size > 0 && this.#abandoned.has(task.sequence)) this.#abandonedAhead--;
    return task;
  }

  /** Undefined when the worker was never given the task, or has answered it. */
  get(sequence: number): Task | undefined {
    return this.#tasks.get(sequence);
  }

  /** The worker has answered. */
  remove(sequence: number): void {
    this.#tasks.delete(sequence);
    const wasSeated = sequence <= this.#lastSeated;
    if (wasSeated) this.#seated--;
    if (this.#abandoned.size > 0 && this.#abandoned.delete(sequence) && !wasSeated) this.#abandonedAhead--;
  }

  /** The caller has given up. Returns the number of the task, or undefined when it is not here. */
  abandon(task: Task, why: CancelCause): number | undefined {
    const { sequence } = task;
    if (this.#tasks.get(sequence) !== task) return undefined;
    if (sequence > this.#lastSeated && !this.#abandoned.has(sequence)) this.#abandonedAhead++;
    this.#abandoned.set(sequence, { why, isOverdue: false });
    return sequence;
  }

  /** The time an abandoned task had to stop is over. */
  expire(sequence: number): void {
    const abandoned = this.#abandoned.get(sequence);
    if (abandoned !== undefined) abandoned.isOverdue = true;
  }

  /** Somebody has given up one of them. */
  get hasAbandoned(): boolean {
    return this.#abandoned.size > 0;
  }

  /**
   * Why the worker is of no use any more, or undefined: all it runs are tasks that were given up and did not
   * stop in time. One that shares its time with a task nobody gave up is spared until that is over.
   */
  get uselessBecause(): CancelCause | undefined {
    if (this.#abandoned.size === 0) return undefined;
    let why: CancelCause | undefined;
    for (const sequence of this.#tasks.keys()) {
      if (sequence > this.#lastSeated) break;
      const abandoned = this.#abandoned.get(sequence);
      if (abandoned?.isOverdue !== true) return undefined;
      why ??= abandoned.why;
    }
    return why;
  }

  /** The worker is dead: empties the list and tells apart what it had started, what it had not, and what was given up. */
  split(lastStarted: number): {
    readonly started: readonly Task[];
    readonly unstarted: readonly Task[];
    readonly abandoned: readonly Task[];
  } {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    this.#abandoned.clear();
    this.#seated = 0;
    this.#abandonedAhead = 0;
    const isWanted = ({ state }: Task) => state === "running" || state === "ahead";
    const hasStarted = ({ sequence }: Task) => sequence <= lastStarted;
    return {
      started: tasks.filter((task) => isWanted(task) && hasStarted(task)),
      unstarted: tasks.filter((task) => isWanted(task) && !hasStarted(task)),
      abandoned: tasks.filter((task) => !isWanted(task)),
    };
  }
}
