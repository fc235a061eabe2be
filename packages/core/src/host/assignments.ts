/**
 * The tasks a worker has been sent and has not answered, by sequence number. Knows which of them their callers
 * have given up; what is done about these, and what happens to the worker, is decided in slot.ts.
 */
import type { Task } from "./task.ts";

export class Assignments {
  readonly #tasks = new Map<number, Task>();
  /** Tasks given up that the worker still runs; true once their time to stop is over. */
  readonly #abandoned = new Map<number, boolean>();
  #lastSequence = 0;

  /** Tasks that occupy a seat: one that was given up does until the worker has answered it. */
  get size(): number {
    return this.#tasks.size;
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

  /** The worker has answered. Undefined when it was never given the task, or answers again. */
  take(sequence: number): Task | undefined {
    const task = this.#tasks.get(sequence);
    this.#tasks.delete(sequence);
    this.#abandoned.delete(sequence);
    return task;
  }

  /** The caller has given up. Returns the number of the task, or undefined when it is not here. */
  abandon(task: Task): number | undefined {
    for (const [sequence, candidate] of this.#tasks) {
      if (candidate !== task) continue;
      this.#abandoned.set(sequence, false);
      return sequence;
    }
    return undefined;
  }

  /**
   * The time an abandoned task had to stop is over. True when the worker is of no use any more: a worker that
   * shares its time with tasks nobody gave up is spared until these are over.
   */
  expire(sequence: number): boolean {
    if (!this.#abandoned.has(sequence)) return false;
    this.#abandoned.set(sequence, true);
    return [...this.#tasks.keys()].every((key) => this.#abandoned.get(key) === true);
  }

  /** The worker is dead: empties the list and tells apart what it had started and what it had not. */
  split(lastStarted: number): { readonly started: readonly Task[]; readonly unstarted: readonly Task[] } {
    const waiting = [...this.#tasks].filter(([, task]) => task.state !== "settled");
    this.#tasks.clear();
    return {
      started: waiting.filter(([sequence]) => sequence <= lastStarted).map(([, task]) => task),
      unstarted: waiting.filter(([sequence]) => sequence > lastStarted).map(([, task]) => task),
    };
  }
}
