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

const nothing = (): Totals => ({
  ahead: 0,
  occupied: 0,
  busy: 0,
  staying: 0,
  starting: 0,
  due: 0,
  replacements: 0,
});

export class Slots<S extends Counted = Slot> {
  readonly #byId = new Map<number, S>();
  /** The same as an array, read for each call: iterating a Map allocates. */
  #list: readonly S[] = [];
  readonly #totals = nothing();
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
    this.#shares.set(slot, nothing());
    this.#changed.add(slot);
  }

  remove(slot: S): void {
    this.#byId.delete(slot.id);
    this.#list = [...this.#byId.values()];
    this.#changed.delete(slot);
    this.#count(slot, false);
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
    const { ahead, occupied, staying, starting, due, replacements } = this.#upToDate();
    return { queued, owed, ahead, occupied, staying, starting, due, replacements, live: this.size };
  }

  #upToDate(): Totals {
    if (this.#changed.size === 0) return this.#totals;
    for (const slot of this.#changed) if (this.#byId.get(slot.id) === slot) this.#count(slot, slot.isStaying);
    this.#changed.clear();
    return this.#totals;
  }

  #count(slot: S, isStaying: boolean): void {
    const share = this.#shares.get(slot) as Totals;
    this.#set(share, "ahead", isStaying ? slot.queued : 0);
    this.#set(share, "occupied", isStaying ? slot.occupied : 0);
    this.#set(share, "busy", isStaying && slot.occupied > 0 ? 1 : 0);
    this.#set(share, "staying", isStaying ? 1 : 0);
    this.#set(share, "starting", isStaying && slot.isStarting ? 1 : 0);
    this.#set(share, "due", isStaying && slot.isToBeReplaced ? 1 : 0);
    const isReplacement = slot.isReplacement && slot.isReady && !slot.isToBeReplaced;
    this.#set(share, "replacements", isStaying && isReplacement ? 1 : 0);
  }

  #set(share: Totals, key: keyof Totals, value: number): void {
    this.#totals[key] += value - share[key];
    share[key] = value;
  }
}
