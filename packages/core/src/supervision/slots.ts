/**
 * The slots of a pool, and their counts. Starts and stops none. A count costs as much as the slots that have changed since
 * the last: so no call costs more where there are more workers.
 */

import type { Slot } from "../slot/slot.ts";
import type { Headcount } from "./plan.ts";

/** What the slots add up to; `busy` are staying workers that run a task. */
type Totals = { -readonly [K in Exclude<keyof Headcount, "queued" | "owed" | "live">]: number } & {
  busy: number;
};

/** What the count needs to know of a slot. */
export type Counted = Pick<
  Slot,
  "id" | "isStaying" | "isStarting" | "isReady" | "isToBeReplaced" | "isReplacement" | "occupied" | "queued"
>;

const NOTHING: Totals = { ahead: 0, occupied: 0, busy: 0, staying: 0, starting: 0, due: 0, replacements: 0 };

export class Slots<S extends Counted = Slot> {
  readonly #byId = new Map<number, S>();
  /** The same as an array, read for each call: iterating a Map allocates. */
  #list: readonly S[] = [];
  readonly #totals = { ...NOTHING };
  /** What each slot adds to them. */
  readonly #shares = new Map<S, Totals>();
  readonly #changed = new Set<S>();

  get size(): number {
    return this.#byId.size;
  }

  /** A snapshot: later changes do not affect it. */
  get list(): readonly S[] {
    return this.#list;
  }

  /** The smallest unused id, from 1. */
  get freeId(): number {
    let id = 1;
    while (this.#byId.has(id)) id++;
    return id;
  }

  add(slot: S): void {
    this.#byId.set(slot.id, slot);
    this.#list = [...this.#byId.values()];
    this.#changed.add(slot);
  }

  remove(slot: S): void {
    this.#byId.delete(slot.id);
    this.#list = [...this.#byId.values()];
    this.#changed.delete(slot);
    this.#count(slot, NOTHING);
    this.#shares.delete(slot);
  }

  /** Its state or its tasks have changed. */
  touch(slot: S): void {
    this.#changed.add(slot);
  }

  count(matches: (slot: S) => boolean): number {
    let count = 0;
    for (const slot of this.#list) if (matches(slot)) count++;
    return count;
  }

  /** Staying workers that run a task. */
  get busy(): number {
    return this.#upToDate().busy;
  }

  headcount({ queued, owed }: Pick<Headcount, "queued" | "owed">): Headcount {
    const { busy: _, ...counts } = this.#upToDate();
    return { ...counts, queued, owed, live: this.size };
  }

  #upToDate(): Totals {
    for (const slot of this.#changed) if (this.#byId.get(slot.id) === slot) this.#count(slot, shareOf(slot));
    this.#changed.clear();
    return this.#totals;
  }

  #count(slot: S, share: Totals): void {
    const before = this.#shares.get(slot) ?? NOTHING;
    for (const key of KEYS) this.#totals[key] += share[key] - before[key];
    this.#shares.set(slot, share);
  }
}

const KEYS = Object.keys(NOTHING) as (keyof Totals)[];

function shareOf(slot: Counted): Totals {
  if (!slot.isStaying) return NOTHING;
  return {
    ahead: slot.queued,
    occupied: slot.occupied,
    busy: slot.occupied > 0 ? 1 : 0,
    staying: 1,
    starting: slot.isStarting ? 1 : 0,
    due: slot.isToBeReplaced ? 1 : 0,
    replacements: !slot.isToBeReplaced && slot.isReplacement && slot.isReady ? 1 : 0,
  };
}
