/**
 * Waiting tasks, smallest rank first. Owns the order only; the dispatcher decides whether a task may enter. Push, shift
 * and removal from the middle (an abort, a timeout) take constant time however long the queue is; an Array's `shift` and
 * `splice` do not.
 *
 * There is one first-in, first-out lane for each waiting priority. A task's rank is its arrival time, less a head start for
 * its priority: so an old task of low priority is overtaken only by tasks that arrived within that head start, and none
 * starves. Within a lane, arrival order is rank order, so only the heads of the lanes are compared.
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

interface Lane<T> {
  readonly priority: number;
  first: T | undefined;
  last: T | undefined;
}

export class Queue<T extends Queued<T>> {
  /** None is empty, unless it is the only one: there is nearly always one, and it is reused. */
  readonly #lanes: Lane<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds a new item at the end of its lane. */
  push(item: T): void {
    const lane = this.#laneOf(item);
    this.#link(lane, item, lane.last, undefined);
  }

  /** Inserts an item by rank that was taken out and waits again. */
  restore(item: T): void {
    const lane = this.#laneOf(item);
    let after = lane.first;
    while (after !== undefined && isEarlier(after, item)) after = after.next;
    this.#link(lane, item, after === undefined ? lane.last : after.previous, after);
  }

  /** The first item, without taking it out. */
  peek(): T | undefined {
    let best = this.#lanes[0]?.first;
    for (let i = 1; i < this.#lanes.length; i++) {
      const head = this.#lanes[i]?.first as T;
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
    const lane = this.#laneOf(item);
    if (item.previous === undefined) lane.first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) lane.last = item.previous;
    else item.next.previous = item.previous;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
    if (lane.first === undefined && this.#lanes.length > 1) this.#lanes.splice(this.#lanes.indexOf(lane), 1);
  }

  #laneOf({ priority }: T): Lane<T> {
    for (const lane of this.#lanes) if (lane.priority === priority) return lane;
    const lane: Lane<T> = { priority, first: undefined, last: undefined };
    if (this.#size === 0) this.#lanes.length = 0;
    this.#lanes.push(lane);
    return lane;
  }

  #link(lane: Lane<T>, item: T, previous: T | undefined, next: T | undefined): void {
    item.previous = previous;
    item.next = next;
    if (previous === undefined) lane.first = item;
    else previous.next = item;
    if (next === undefined) lane.last = item;
    else next.previous = item;
    this.#size++;
  }
}

export function isEarlier<T extends Queued<T>>(a: T, b: T): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.order < b.order);
}
