/**
 * Tasks that wait, the one with the earliest rank first. Owns the order only: whether a task may enter is the pool's
 * decision. Entering, leaving at the front and being taken out of the middle (an abort, a timeout) each cost the same
 * however long the queue is; an Array's `shift` and `splice` do not.
 *
 * One lane for each priority that waits, first come first served. A task's rank is when it came, less a head start for
 * its priority: so an old task of low priority is overtaken only by those that came within that head start, and none
 * starves. Within a lane the order of coming is the order of ranks, so only the heads of the lanes are compared.
 */

/** The links live in the queued thing itself, so that a queued task costs no second object. */
export interface Queued<T> {
  readonly priority: number;
  /** In ms; the smaller, the earlier. */
  readonly rank: number;
  /** Of equals in rank the smaller is first: no two have the same. */
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
  /** None of them empty, unless it is the only one: nearly always there is one, and it need not be made anew. */
  readonly #lanes: Lane<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** At the end of its lane: for one that comes anew. */
  push(item: T): void {
    const lane = this.#laneOf(item);
    this.#link(lane, item, lane.last, undefined);
  }

  /** Where it belongs by its rank: for one that was taken out and waits again. */
  restore(item: T): void {
    const lane = this.#laneOf(item);
    let after = lane.first;
    while (after !== undefined && isEarlier(after, item)) after = after.next;
    this.#link(lane, item, after === undefined ? lane.last : after.previous, after);
  }

  /** The first, which stays. */
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
