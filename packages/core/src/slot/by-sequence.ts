/**
 * Entries by their sequence number, which is one more for each that is added. Keeps nothing of an entry that was deleted,
 * which a Map does: when it makes room, its last table stays behind with all it held and a reference to the next one. Once
 * such a table is in the old generation of the garbage collector, it keeps all tables after it alive, and with them nearly
 * half of all calls, until the next full collection. With thousands of calls in flight that was a fifth of the host's CPU
 * time.
 */

/** Twice what a worker has ahead at most, with `prefetch: "auto"`: the usual pool never makes room. A power of two. */
const FIRST_PLACES = 256;

export class BySequence<T extends { readonly sequence: number }> {
  /** Each is at the place of its number, or the next free one behind that: consecutive numbers hardly ever meet. */
  #places: (T | undefined)[] = emptyPlaces(FIRST_PLACES);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** In the order of their numbers. Sorts: not for each call. */
  get all(): readonly T[] {
    return this.#places.filter((entry) => entry !== undefined).sort((a, b) => a.sequence - b.sequence);
  }

  get(sequence: number): T | undefined {
    return this.#places[this.#placeOf(sequence)];
  }

  /** Its number must be new. */
  add(entry: T): void {
    if (++this.#size * 2 > this.#places.length) this.#makeRoom();
    this.#places[this.#placeOf(entry.sequence)] = entry;
  }

  delete(sequence: number): void {
    const places = this.#places;
    const mask = places.length - 1;
    let hole = this.#placeOf(sequence);
    if (places[hole] === undefined) return;
    this.#size--;
    // Whatever stands behind it only because it was in the way moves up.
    for (let at = (hole + 1) & mask; ; at = (at + 1) & mask) {
      const entry = places[at];
      if (entry === undefined) break;
      if (((at - entry.sequence) & mask) < ((at - hole) & mask)) continue;
      places[hole] = entry;
      hole = at;
    }
    places[hole] = undefined;
  }

  clear(): void {
    this.#places = emptyPlaces(FIRST_PLACES);
    this.#size = 0;
  }

  /** Where it is, or would be added. */
  #placeOf(sequence: number): number {
    const mask = this.#places.length - 1;
    let place = sequence & mask;
    for (let entry = this.#places[place]; entry !== undefined; entry = this.#places[place]) {
      if (entry.sequence === sequence) break;
      place = (place + 1) & mask;
    }
    return place;
  }

  #makeRoom(): void {
    const entries = this.#places;
    this.#places = emptyPlaces(entries.length * 2);
    for (const entry of entries) {
      if (entry !== undefined) this.#places[this.#placeOf(entry.sequence)] = entry;
    }
  }
}

function emptyPlaces(count: number): undefined[] {
  return new Array<undefined>(count).fill(undefined);
}
