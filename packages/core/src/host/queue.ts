/**
 * Tasks that wait, first come first served. Owns the order only: whether a task may enter is the pool's
 * decision. Entering, leaving at the front and being taken out of the middle (an abort, a timeout) each cost
 * the same however long the queue is; an Array's `shift` and `splice` do not.
 */

/** The links live in the queued thing itself, so that a queued task costs no second object. */
export interface Queued<T> {
  previous: T | undefined;
  next: T | undefined;
}

export class Queue<T extends Queued<T>> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    item.previous = this.#last;
    item.next = undefined;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
    this.#size++;
  }

  /** Back to the front: for one that was taken out and could not start. */
  unshift(item: T): void {
    item.previous = undefined;
    item.next = this.#first;
    if (this.#first === undefined) this.#last = item;
    else this.#first.previous = item;
    this.#first = item;
    this.#size++;
  }

  shift(): T | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** The item must be in this queue. */
  remove(item: T): void {
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.#last = item.previous;
    else item.next.previous = item.previous;
    item.previous = undefined;
    item.next = undefined;
    this.#size--;
  }
}
