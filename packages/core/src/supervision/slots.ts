/**
 * The slots of a pool, and their counts. Starts and stops none.
 */

import type { Slot } from "../slot/slot.ts";
import type { Headcount } from "./plan.ts";

export class Slots {
  readonly #byId = new Map<number, Slot>();
  /** The same as an array, read for each call: iterating a Map allocates. */
  #list: readonly Slot[] = [];

  get size(): number {
    return this.#byId.size;
  }

  /** A snapshot: later changes do not affect it. */
  get list(): readonly Slot[] {
    return this.#list;
  }

  /** The smallest unused id, from 1. */
  get freeId(): number {
    let id = 1;
    while (this.#byId.has(id)) id++;
    return id;
  }

  add(slot: Slot): void {
    this.#byId.set(slot.id, slot);
    this.#list = [...this.#byId.values()];
  }

  remove(slot: Slot): void {
    this.#byId.delete(slot.id);
    this.#list = [...this.#byId.values()];
  }

  count(matches: (slot: Slot) => boolean): number {
    let count = 0;
    for (const slot of this.#list) if (matches(slot)) count++;
    return count;
  }

  headcount({ queued, owed }: Pick<Headcount, "queued" | "owed">): Headcount {
    const count = { queued, owed, ahead: 0, occupied: 0, staying: 0, starting: 0, due: 0, replacements: 0 };
    for (const slot of this.#list) {
      if (!slot.isStaying) continue;
      count.staying++;
      count.occupied += slot.occupied;
      count.ahead += slot.queued;
      if (slot.isStarting) count.starting++;
      if (slot.isToBeReplaced) count.due++;
      else if (slot.isReplacement && slot.isReady) count.replacements++;
    }
    return { ...count, live: this.size };
  }
}
