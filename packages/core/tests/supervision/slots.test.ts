import { describe, expect, test } from "vitest";
import type { Slot } from "../../src/slot/slot.ts";
import { Slots } from "../../src/supervision/slots.ts";

const slot = (id: number, more: Partial<Slot> = {}) =>
  ({
    id,
    isStaying: true,
    isStarting: false,
    isReady: true,
    isToBeReplaced: false,
    isReplacement: false,
    occupied: 0,
    queued: 0,
    ...more,
  }) as Slot;

function slots(...all: Slot[]): Slots {
  const made = new Slots();
  for (const one of all) made.add(one);
  return made;
}

describe("an id", () => {
  test("is the smallest that no other slot has", () => {
    const all = slots(slot(1), slot(2), slot(3));
    expect(all.freeId).toBe(4);
    all.remove(slot(2));
    expect(all.freeId).toBe(2);
  });
});

test("a list that was read does not change while slots come and go", () => {
  const all = slots(slot(1));
  const { list } = all;
  all.add(slot(2));
  expect([list.length, all.list.length, all.size]).toEqual([1, 2, 2]);
});

test("what is counted of workers that stay, and how many there are with those that don't", () => {
  const all = slots(
    slot(1, { occupied: 2, queued: 3 }),
    slot(2, { isStarting: true, isReady: false }),
    slot(3, { isToBeReplaced: true, occupied: 1 }),
    slot(4, { isReplacement: true }),
    slot(5, { isReplacement: true, isReady: false, isStarting: true }),
    slot(6, { isStaying: false, occupied: 7, queued: 8, isToBeReplaced: true }),
  );
  expect(all.headcount({ queued: 4, owed: 1 })).toEqual({
    queued: 4,
    owed: 1,
    ahead: 3,
    occupied: 3,
    staying: 5,
    starting: 2,
    due: 1,
    replacements: 1,
    live: 6,
  });
});
