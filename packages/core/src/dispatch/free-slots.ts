/**
 * Which worker takes the next task: the ready one with free capacity and the fewest tasks. Owns an index of them, so that
 * a call costs the same with two workers and with sixty-four: slots that may have free capacity are marked, and checked
 * before they are picked. Which worker has a key is in keys.ts.
 */

/** What the choice needs to know about a slot. */
export interface SlotLoad {
  /** From 1; unique among the slots. */
  readonly id: number;
  /** Takes tasks now. */
  readonly isReady: boolean;
  /** Tasks it runs. */
  readonly occupied: number;
}

export class FreeSlots<S extends SlotLoad> {
  readonly #byId: (S | undefined)[] = [];
  /** Indexed by how many tasks a slot had when it was marked. */
  readonly #levels: IdSet[];

  constructor(concurrentTasksPerWorker: number) {
    this.#levels = Array.from({ length: concurrentTasksPerWorker }, () => new IdSet());
  }

  /** It may have free capacity: it is ready, or a task in it has started or ended. */
  mark(slot: S): void {
    this.#byId[slot.id] = slot;
    if (slot.isReady) this.#levels[slot.occupied]?.add(slot.id);
  }

  /**
   * Undefined when there is none. Of equals, the one with the smallest `weight`, else the first: the later ones then stay
   * idle long enough to leave.
   *
   * @param mayWake Whether an idle one may be picked: not where those that are left are the reserve.
   */
  pick(mayWake: () => boolean, weight?: (slot: S) => number): S | undefined {
    const best = this.#best(0, weight);
    return best?.occupied !== 0 || mayWake() ? best : this.#best(1, weight);
  }

  #best(fewest: number, weight: ((slot: S) => number) | undefined): S | undefined {
    for (let level = fewest; level < this.#levels.length; level++) {
      const found = this.#bestOf(level, weight);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #bestOf(level: number, weight: ((slot: S) => number) | undefined): S | undefined {
    const ids = this.#levels[level] as IdSet;
    let best: S | undefined;
    for (let id = ids.from(0); id !== undefined; id = ids.from(id + 1)) {
      const slot = this.#byId[id] as S;
      if (!slot.isReady || slot.occupied !== level)
        ids.delete(id); // it has changed since, and was marked again if it has capacity
      else if (weight === undefined) return slot;
      else if (best === undefined || weight(slot) < weight(best)) best = slot;
    }
    return best;
  }
}

/** A sorted set of small numbers, as bits. */
class IdSet {
  readonly #words: number[] = [];

  add(id: number): void {
    const word = id >>> 5;
    while (this.#words.length <= word) this.#words.push(0);
    this.#words[word] = (this.#words[word] as number) | (1 << (id & 31));
  }

  delete(id: number): void {
    this.#words[id >>> 5] = (this.#words[id >>> 5] as number) & ~(1 << (id & 31));
  }

  /** The smallest number from `id` on. */
  from(id: number): number | undefined {
    let mask = -1 << (id & 31);
    for (let word = id >>> 5; word < this.#words.length; word++) {
      const bits = (this.#words[word] as number) & mask;
      if (bits !== 0) return word * 32 + 31 - Math.clz32(bits & -bits);
      mask = -1;
    }
    return undefined;
  }
}
