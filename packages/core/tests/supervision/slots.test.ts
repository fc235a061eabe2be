import fc from "fast-check";
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
    const second = slot(2);
    const all = slots(slot(1), second, slot(3));
    expect(all.freeId).toBe(4);
    all.remove(second);
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

test("counting again what has changed gives the same as counting all", () => {
  const state = fc.record({
    isStaying: fc.boolean(),
    isStarting: fc.boolean(),
    isReady: fc.boolean(),
    isToBeReplaced: fc.boolean(),
    isReplacement: fc.boolean(),
    occupied: fc.nat(2),
    queued: fc.nat(2),
  });
  const step = fc.record({
    id: fc.integer({ min: 1, max: 5 }),
    isGone: fc.boolean(),
    isLooked: fc.boolean(),
    state,
  });
  const wait = { queued: 1, owed: 2 };
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const all = new Slots();
      const now = new Map<number, Slot>();
      for (const { id, isGone, isLooked, state } of steps) {
        const one = now.get(id);
        if (one === undefined) {
          now.set(id, slot(id, state));
          all.add(now.get(id) as Slot);
        } else if (isGone) {
          now.delete(id);
          all.remove(one);
          all.touch(one); // what a worker that is gone still says
        } else {
          Object.assign(one, state);
          all.touch(one);
        }
        if (!isLooked) continue;
        const anew = slots(...now.values());
        expect([all.headcount(wait), all.busy]).toEqual([anew.headcount(wait), anew.busy]);
      }
    }),
    { numRuns: 500 },
  );
});

test("workers that are busy: those that stay and run a task", () => {
  const all = slots(slot(1, { occupied: 2 }), slot(2), slot(3, { isStaying: false, occupied: 1 }));
  expect(all.busy).toBe(1);
});
