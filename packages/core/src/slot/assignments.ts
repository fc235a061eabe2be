/**
 * The tasks a worker has been sent and has not answered, by sequence number. Knows which of them it runs, which wait in
 * it, and which their callers have given up; what is done about these, and what happens to the worker, is decided in
 * workload.ts.
 *
 * A worker starts its tasks in the order of their numbers, as many as it has concurrency: so the running are the first of them.
 */
import type { CancelCause } from "../task/request.ts";
import type { Task } from "../task/task.ts";
import { Assignment, type Holding } from "./assignment.ts";

/** The protocol has 32 bits for it; some hours at full speed. A number must not come twice. */
const LAST_SEQUENCE = 2 ** 32 - 1;

export class Assignments {
  readonly #all = new Map<number, Assignment>();
  readonly #concurrency: number;
  #running = 0;
  /** Stands behind the last that was running; what is added later comes up in it. */
  #waiting: MapIterator<Assignment> = this.#all.values();
  #cancelled = 0;
  /** Of these, those that wait. */
  #cancelledWaiting = 0;
  /** Of these, those that had time to stop. */
  #overdue = 0;
  #lastSequence = 0;

  /** @param concurrency Tasks that may overlap. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Tasks that occupy a seat: one that was given up does until the worker has answered it. */
  get running(): number {
    return this.#running;
  }

  /** Tasks that wait for a seat and whose callers wait for them. */
  get queued(): number {
    return this.#all.size - this.#running - this.#cancelledWaiting;
  }

  /** Whether the worker may be given another: not with a task that should have stopped, nor out of numbers. */
  get isOpen(): boolean {
    return this.hasNumbers && this.#overdue === 0;
  }

  get hasNumbers(): boolean {
    return this.#lastSequence < LAST_SEQUENCE;
  }

  /** Somebody has given up one of them. */
  get hasCancelled(): boolean {
    return this.#cancelled > 0;
  }

  /** Those whose callers still wait. */
  get unsettled(): readonly Assignment[] {
    return [...this.#all.values()].filter(({ task }) => task.state !== "settled");
  }

  /** Its number is one more than the last. */
  add(task: Task, expected: number, worker: Holding): Assignment {
    const assignment = new Assignment(task, ++this.#lastSequence, expected, worker);
    this.#all.set(assignment.sequence, assignment);
    return assignment;
  }

  /** The next of those that wait gets a seat, if there is one; undefined when there is none, or nobody waits. */
  startNext(): Assignment | undefined {
    if (this.#running >= this.#concurrency || this.#running === this.#all.size) return undefined;
    this.#running++;
    const next = this.#waiting.next().value as Assignment;
    next.isRunning = true;
    if (next.cancelled !== undefined) this.#cancelledWaiting--;
    return next;
  }

  /** Undefined when the worker was never given it, or has answered it. */
  get(sequence: number): Assignment | undefined {
    return this.#all.get(sequence);
  }

  /** The worker has answered. */
  remove({ sequence, isRunning, cancelled, isOverdue }: Assignment): void {
    this.#all.delete(sequence);
    if (isRunning) this.#running--;
    if (cancelled === undefined) return;
    this.#cancelled--;
    if (!isRunning) this.#cancelledWaiting--;
    if (isOverdue) this.#overdue--;
  }

  /** The caller has given up. Returns whether the worker still has it. */
  cancel(assignment: Assignment, why: CancelCause): boolean {
    if (!this.#has(assignment)) return false;
    if (assignment.cancelled === undefined) {
      this.#cancelled++;
      if (!assignment.isRunning) this.#cancelledWaiting++;
    }
    assignment.cancelled = why;
    return true;
  }

  /** The time an cancelled task had to stop is over. */
  expire(assignment: Assignment): void {
    if (assignment.isOverdue || assignment.cancelled === undefined || !this.#has(assignment)) return;
    assignment.isOverdue = true;
    this.#overdue++;
  }

  #has(assignment: Assignment): boolean {
    return this.#all.get(assignment.sequence) === assignment;
  }

  /**
   * Why the worker is of no use any more, or undefined: all it runs are tasks that were given up and did not
   * stop in time. One that shares its time with a task nobody gave up is spared until that is over.
   */
  get uselessBecause(): CancelCause | undefined {
    if (this.#cancelled === 0) return undefined;
    let why: CancelCause | undefined;
    for (const { isRunning, isOverdue, cancelled } of this.#all.values()) {
      if (!isRunning) break;
      if (!isOverdue) return undefined;
      why ??= cancelled;
    }
    return why;
  }

  /** The worker is dead: empties the list and tells apart what it had started, what it had not, and what was given up. */
  split(lastStarted: number): {
    readonly started: readonly Assignment[];
    readonly unstarted: readonly Assignment[];
    readonly cancelled: readonly Assignment[];
  } {
    const all = [...this.#all.values()];
    this.#all.clear();
    this.#running = 0;
    this.#cancelled = 0;
    this.#cancelledWaiting = 0;
    this.#overdue = 0;
    const isWanted = ({ task }: Assignment) => task.state === "running" || task.state === "sent";
    const hasStarted = ({ sequence }: Assignment) => sequence <= lastStarted;
    return {
      started: all.filter((one) => isWanted(one) && hasStarted(one)),
      unstarted: all.filter((one) => isWanted(one) && !hasStarted(one)),
      cancelled: all.filter((one) => !isWanted(one)),
    };
  }
}
