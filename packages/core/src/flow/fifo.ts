/**
 * A queue, first in, first out, whose cost does not grow with its length. `Array.shift` moves everything behind the
 * first item, in each runtime from some length on: 200,000 items took a minute.
 */

/** Taken items are cut off once there are this many, and they are half of the array. */
const CUT_AT = 1_024;

export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #taken = 0;

  get size(): number {
    return this.#items.length - this.#taken;
  }

  peek(): T | undefined {
    return this.#items[this.#taken];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#taken];
    this.#items[this.#taken++] = undefined; // so that it can be collected
    if (this.size === 0) this.clear();
    else if (this.#taken >= CUT_AT && this.#taken * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#taken = 0;
  }
}
