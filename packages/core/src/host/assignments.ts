/**
 * The tasks a worker has been sent and has not answered, by sequence number. Knows which of them their callers
 * have given up; what is done about these, and what happens to the worker, is decided in workload.ts.
 */
import type { CancelCause, Task } from "./task.ts";

interface Abandoned {
  readonly why: CancelCause;
  /** The time it had to stop is over. */
  isOverdue: boolean;
}

/** The protocol has 32 bits for it; some hours at full speed. A number must not come twice. */
const LAST_SEQUENCE = 2 ** 32 - 1;

export class Assignments {
  readonly #tasks = new Map<number, Task>();
  /** Tasks given up that the worker still runs. */
  readonly #abandoned = new Map<number, Abandoned>();
  #lastSequence = 0;

  /** Tasks that occupy a seat: one that was given up does until the worker has answered it. */
  get size(): number {
    return this.#tasks.size;
  }

  /** Whether the worker may be given another: not with a task that should have stopped, nor out of numbers. */
  get isOpen(): boolean {
    if (!this.hasNumbers) return false;
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
    this.#tasks.set(++this.#lastSequence, task);
    return this.#lastSequence;
  }

  /** Undefined when the worker was never given the task, or has answered it. */
  get(sequence: number): Task | undefined {
    return this.#tasks.get(sequence);
  }

  /** The worker has answered. */
  remove(sequence: number): void {
    this.#tasks.delete(sequence);
    this.#abandoned.delete(sequence);
  }

  /** The caller has given up. Returns the number of the task, or undefined when it is not here. */
  abandon(task: Task, why: CancelCause): number | undefined {
    for (const [sequence, candidate] of this.#tasks) {
      if (candidate !== task) continue;
      this.#abandoned.set(sequence, { why, isOverdue: false });
      return sequence;
    }
    return undefined;
  }

  /** The time an abandoned task had to stop is over. */
  expire(sequence: number): void {
    const abandoned = this.#abandoned.get(sequence);
    if (abandoned !== undefined) abandoned.isOverdue = true;
  }

  /**
   * Why the worker is of no use any more, or undefined: all it has are tasks that were given up and did not
   * stop in time. One that shares its time with a task nobody gave up is spared until that is over.
   */
  get uselessBecause(): CancelCause | undefined {
    const [first] = this.#abandoned.values();
    const isUseless = [...this.#tasks.keys()].every((key) => this.#abandoned.get(key)?.isOverdue === true);
    return isUseless ? first?.why : undefined;
  }

  /** The worker is dead: empties the list and tells apart what it had started, what it had not, and what was given up. */
  split(lastStarted: number): {
    readonly started: readonly Task[];
    readonly unstarted: readonly Task[];
    readonly abandoned: readonly Task[];
  } {
    const running = [...this.#tasks].filter(([, task]) => task.state === "running");
    const abandoned = [...this.#tasks.values()].filter((task) => task.state !== "running");
    this.#tasks.clear();
    this.#abandoned.clear();
    return {
      started: running.filter(([sequence]) => sequence <= lastStarted).map(([, task]) => task),
      unstarted: running.filter(([sequence]) => sequence > lastStarted).map(([, task]) => task),
      abandoned,
    };
  }
}
