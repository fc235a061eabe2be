/** Random numbers from a seed: the same choices each time, in every runtime. */

export class Random {
  #state: number;

  constructor(...seed: readonly number[]) {
    this.#state = 0x9e3779b9;
    for (const part of seed) this.#state = mix(this.#state ^ Math.imul(part | 0, 0x85ebca6b));
  }

  /** From 0 up to, but not including, 1. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    return (mix(this.#state) >>> 0) / 2 ** 32;
  }

  /** Both ends included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from + 1));
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<const T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)] as T;
  }

  /** Each with its weight. */
  weighted<const T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let left = this.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, choice] of choices) {
      left -= weight;
      if (left < 0) return choice;
    }
    return (choices.at(-1) as readonly [number, T])[1];
  }

  /** With this probability the value, otherwise nothing: to be spread into an object. */
  maybe<T extends object>(probability: number, make: () => T): T | object {
    return this.chance(probability) ? make() : {};
  }
}

/** The finaliser of MurmurHash3: every bit of the input changes half of the output. */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
