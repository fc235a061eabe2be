/**
 * How long the keys of one value's Maps and Sets may take its receiver. V8 hashes numbers and bigints without a secret, so
 * that whoever chooses the keys can make them collide, and the time grows with the square of their number: a Map of 20,000
 * bigints took 11 s instead of 36 ms [measured]. Nothing tells such keys from others but that time.
 */
import { malformed } from "./malformed.ts";
import { now } from "./wire-clock.ts";

const KEYS_BETWEEN_LOOKS = 1_024;
/** What is longer than this between two looks counts no more: the process may have been stopped. In ms. */
const MOST_BETWEEN_LOOKS = 250;
/** In ms; a hundred times what keys take that do not collide, for a machine that is busy. */
const ALLOWED = { atFirst: 2_000, forEachKey: 0.02 };

export class KeyTime {
  #keys = 0;
  #spent = 0;
  #last = now();

  /** Call for each key. @throws ProtocolError when they have taken too long. */
  count(): void {
    if (++this.#keys % KEYS_BETWEEN_LOOKS !== 0) return;
    const time = now();
    this.#spent += Math.min(time - this.#last, MOST_BETWEEN_LOOKS);
    this.#last = time;
    if (this.#spent > ALLOWED.atFirst + this.#keys * ALLOWED.forEachKey)
      throw malformed(
        "keys of Maps and Sets that do not collide",
        `${this.#keys} that took ${Math.round(this.#spent)} ms`,
      );
  }
}
