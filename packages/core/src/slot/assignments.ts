/**
 * The tasks a worker has been sent and has not answered, by sequence number. Knows which of them it runs, which wait in
 * it, and which were cancelled; workload.ts decides what is done about these, and what happens to the worker.
 *
 * A worker starts its tasks in the order of their numbers, up to its concurrency: so the running ones come first.
 */
import type { CancelCause } from "../task/request.ts";
import type { Task } from "../task/task.ts";
import { Assignment, type Holding } from "./assignment.ts";
import { BySequence } from "./by-sequence.ts";

/** The protocol has 32 bits for it, enough for some hours at full speed. A number must not be used twice. */
const LAST_SEQUENCE = 2 ** 32 - 1;

export class Assignments {
  readonly #all = new BySequence<Assignment>();
  readonly #concurrency: number;
  #running = 0;
  /** The number of the last one started: all that wait have greater ones. */
  #lastStarted = 0;
  /** All cancelled ones. */
  #cancelled = 0;
  /** Cancelled ones that wait. */
  #cancelledWaiting = 0;
  /** Cancelled ones that did not stop in time. */
  #overdue = 0;
  #lastSequence = 0;

  /** @param concurrency Tasks that may overlap. */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Tasks it runs. A cancelled one counts until the worker has answered it. */
  get running(): number {
    return this.#running;
  }

  /** Tasks that wait in the worker and were not cancelled. */
  get queued(): number {
    return this.#all.size - this.#running - this.#cancelledWaiting;
  }

  /** Whether the worker may take another: not with an overdue task, nor without numbers left. */
  get isOpen(): boolean {
    return this.hasNumbers && this.#overdue === 0;
  }

  get hasNumbers(): boolean {
    return this.#lastSequence < LAST_SEQUENCE;
  }

  /** Whether any of them was cancelled. */
  get hasCancelled(): boolean {
    return this.#cancelled > 0;
  }

  /** Those not settled yet. */
  get unsettled(): readonly Assignment[] {
    return this.#all.all.filter(({ task }) => task.state !== "settled");
  }

  /** Its number is one more than the last. */
  add(task: Task, expected: number, worker: Holding): Assignment {
    const assignment = new Assignment(task, ++this.#lastSequence, expected, worker);
    this.#all.add(assignment);
    return assignment;
  }

  /** Marks the next waiting task as running; undefined when capacity or waiting tasks are lacking. */
  startNext(): Assignment | undefined {
    if (this.#running >= this.#concurrency || this.#running === this.#all.size) return undefined;
    this.#running++;
    let next: Assignment | undefined;
    do next = this.#all.get(++this.#lastStarted);
    while (next === undefined); // answered without having been started
    next.isRunning = true;
    if (next.cancelled !== undefined) this.#cancelledWaiting--;
    return next;
  }

  /** Undefined when the worker never had it, or has answered it. */
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

  /** Marks it as cancelled. Returns whether the worker still has it. */
  cancel(assignment: Assignment, why: CancelCause): boolean {
    if (!this.#has(assignment)) return false;
    if (assignment.cancelled === undefined) {
      this.#cancelled++;
      if (!assignment.isRunning) this.#cancelledWaiting++;
    }
    assignment.cancelled = why;
    return true;
  }

  /** A cancelled task has not stopped in time. */
  expire(assignment: Assignment): void {
    if (assignment.isOverdue || assignment.cancelled === undefined || !this.#has(assignment)) return;
    assignment.isOverdue = true;
    this.#overdue++;
  }

  #has(assignment: Assignment): boolean {
    return this.#all.get(assignment.sequence) === assignment;
  }

  /**
   * Why the worker is useless, or undefined. It is when all it runs are cancelled tasks that did not stop in time. While it
   * also runs a task that was not cancelled, it is spared until that one has ended.
   */
  get uselessBecause(): CancelCause | undefined {
    if (this.#overdue === 0) return undefined;
    let why: CancelCause | undefined;
    for (const { isRunning, isOverdue, cancelled } of this.#all.all) {
      if (!isRunning) break;
      if (!isOverdue) return undefined;
      why ??= cancelled;
    }
    return why;
  }

  /** The worker is dead: empties the list and sorts its tasks into started, unstarted and cancelled ones. */
  split(lastStarted: number): {
    readonly started: readonly Assignment[];
    readonly unstarted: readonly Assignment[];
    readonly cancelled: readonly Assignment[];
  } {
    const { all } = this.#all;
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
