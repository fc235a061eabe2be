/**
 * Waits in a line: first in, first out, at a cost that does not grow with its length. `Array.shift` moves all that is
 * behind it, in each runtime from some length on: 200,000 items took a minute.
 */

/** What is taken is cut off when it is this much, and half of all. */
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
    this.#items[this.#taken++] = undefined; // not held any longer
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
