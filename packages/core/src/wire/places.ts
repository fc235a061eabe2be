/** The places of the buffers in a lane, which are freed in the order in which they were taken. Pure: it touches no memory. */

/** How many bytes all buffers in a lane may take together. */
export const LANE_BYTES: number = 4 * 1024 * 1024;

interface Place {
  readonly start: number;
  readonly end: number;
}

export class Places {
  readonly #taken: Place[] = [];

  /**
   * Where so many bytes fit, taken from now on; undefined where there is no room. A page takes memory once it was used, so
   * an empty lane is filled from its beginning again.
   */
  take(length: number): number | undefined {
    const start = this.#room(length);
    if (start !== undefined) this.#taken.push({ start, end: start + length });
    return start;
  }

  /** Frees the first ones. False if fewer are taken. */
  free(count: number): boolean {
    return this.#taken.splice(0, count).length === count;
  }

  /** The free part is behind the last buffer and, if that is not before the first one, also from the beginning to the first. */
  #room(length: number): number | undefined {
    const first = this.#taken.at(0); // `[0]` of an empty list is looked up on a prototype
    if (first === undefined) return length <= LANE_BYTES ? 0 : undefined;
    const { end } = this.#taken.at(-1) as Place;
    const isBehind = end > first.start;
    if (end + length <= (isBehind ? LANE_BYTES : first.start)) return end;
    return isBehind && length <= first.start ? 0 : undefined;
  }
}
