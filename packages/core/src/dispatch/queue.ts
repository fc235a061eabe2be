/**
 * Waiting tasks, smallest rank first. Owns the order only; the dispatcher decides whether a task may enter. Push, shift
 * and removal from the middle (an abort, a timeout) take constant time however long the queue is; an Array's `shift` and
 * `splice` do not.
 *
 * There is one first-in, first-out line for each waiting priority. A task's rank is its arrival time, less a head start for
 * its priority: so an old task of low priority is overtaken only by tasks that arrived within that head start, and none
 * starves. Within a line, arrival order is rank order, so only the heads of the lines are compared.
 */

/** The links are part of the queued item, so that a queued task needs no second object. */
export interface Queued<T> {
  readonly priority: number;
  /** In ms; the smallest goes first. */
  readonly rank: number;
  /** Unique; of equal ranks, the smaller goes first. */
  readonly order: number;
  previous: T | undefined;
  next: T | undefined;
}

interface Line<T> {
  readonly priority: number;
  first: T | undefined;
  last: T | undefined;
}

export class Queue<T extends Queued<T>> {
  /** None is empty, unless it is the only one: there is nearly always one, and it is reused. */
  readonly #lines: Line<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a new item at the end of its line. */
  push(item: T): void {
    const line = this.#lineOf(item);
    this.#link(line, item, line.last, undefined);
  }

  /** Inserts an item by rank that was taken out and waits again. */
  restore(item: T): void {
    const line = this.#lineOf(item);
    let after = line.first;
    while (after !== undefined && isEarlier(after, item)) after = after.next;
    this.#link(line, item, after === undefined ? line.last : after.previous, after);
  }

  /** The first item, without taking it out. */
  peek(): T | undefined {
    let best = this.#lines[0]?.first;
    for (let i = 1; i < this.#lines.length; i++) {
      const head = this.#lines[i]?.first as T;
      if (isEarlier(head, best as T)) best = head;
    }
    return best;
  }

  shift(): T | undefined {
    const first = this.peek();
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** The item must be in this queue. */
  remove(item: T): void {
    const line = this.#lineOf(item);
    if (item.previous === undefined) line.first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) line.last = item.previous;
    else item.next.previous = item.previous;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
    if (line.first === undefined && this.#lines.length > 1) this.#lines.splice(this.#lines.indexOf(line), 1);
  }

  #lineOf({ priority }: T): Line<T> {
    for (const line of this.#lines) if (line.priority === priority) return line;
    const line: Line<T> = { priority, first: undefined, last: undefined };
    if (this.#size === 0) this.#lines.length = 0;
    this.#lines.push(line);
    return line;
  }

  #link(line: Line<T>, item: T, previous: T | undefined, next: T | undefined): void {
    item.previous = previous;
    item.next = next;
    if (previous === undefined) line.first = item;
    else previous.next = item;
    if (next === undefined) line.last = item;
    else next.previous = item;
    this.#size++;
  }
}

export function isEarlier<T extends Queued<T>>(a: T, b: T): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
}
