import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FreeSlots, type SlotLoad } from "../../src/dispatch/free-slots.ts";

const load = (occupied: number, isReady = true, isStaying = isReady) => ({ isReady, isStaying, occupied });
type Load = ReturnType<typeof load>;

const withIds = <S extends object>(slots: readonly S[]) => slots.map((slot, i) => ({ ...slot, id: i + 1 }));

/** Of slots that were all marked. */
function pickSlot<S extends SlotLoad & Load>(
  slots: readonly S[],
  { concurrentTasksPerWorker, activeSlots }: { concurrentTasksPerWorker: number; activeSlots: number },
  weight?: (slot: S) => number,
): S | undefined {
  const free = new FreeSlots<S>(concurrentTasksPerWorker);
  for (const slot of slots) free.mark(slot);
  const active = slots.filter(({ isStaying, occupied }) => isStaying && occupied > 0).length;
  return free.pick(() => active < activeSlots, weight);
}

describe("the slot for a task", () => {
  test.each<[string, Load[], number, number | undefined]>([
    ["none when there are no slots", [], 1, undefined],
    ["none when every slot is full", [load(1), load(1)], 1, undefined],
    ["none when the free one is not ready", [load(0, false), load(1)], 1, undefined],
    ["the first of several idle ones, so that the later ones can leave", [load(1), load(0), load(0)], 1, 1],
    ["an idle one before one that has room", [load(1), load(0)], 2, 1],
    ["the one with the fewest tasks", [load(3), load(2), load(1), load(2)], 4, 2],
    ["the first of those with as few", [load(4), load(2), load(2)], 4, 1],
    ["never one beyond its concurrency", [load(2), load(3)], 2, undefined],
  ])("is %s", (_, given, concurrentTasksPerWorker, expected) => {
    const slots = withIds(given);
    const picked = pickSlot(slots, { concurrentTasksPerWorker, activeSlots: 9 });
    expect(picked).toBe(expected === undefined ? undefined : slots[expected]);
  });

  test.each<[string, Load[], number, number, number | undefined]>([
    ["the only one while none has a task", [load(0), load(0)], 1, 1, 0],
    ["none of the reserve while as many as may have tasks", [load(1), load(0)], 1, 1, undefined],
    ["a busy one with room before the reserve", [load(2), load(1), load(0)], 3, 2, 1],
    ["one of the reserve in the place of one that goes", [load(1, false), load(0)], 1, 1, 1],
    [
      "none while one that is not ready but stays has a task",
      [load(1, false, true), load(0)],
      1,
      1,
      undefined,
    ],
  ])("is, of slots with a reserve, %s", (_, given, concurrentTasksPerWorker, activeSlots, expected) => {
    const slots = withIds(given);
    const picked = pickSlot(slots, { concurrentTasksPerWorker, activeSlots });
    expect(picked).toBe(expected === undefined ? undefined : slots[expected]);
  });

  test("is, of those with as few tasks, the one with the smallest weight", () => {
    const slots = withIds([load(1), load(0), load(0), load(0)]);
    const weights = [0, 3, 1, 1];
    const weight = ({ id }: SlotLoad) => weights[id - 1] as number;
    expect(pickSlot(slots, { concurrentTasksPerWorker: 2, activeSlots: 4 }, weight)).toBe(slots[2]);
  });

  test("is ready, has free capacity and the fewest tasks of all such, whatever the slots", () => {
    const slot = fc.record({
      isReady: fc.boolean(),
      isStaying: fc.boolean(),
      occupied: fc.nat(5),
      weight: fc.nat(3),
    });
    const limits = fc.record({
      concurrentTasksPerWorker: fc.integer({ min: 1, max: 5 }),
      activeSlots: fc.integer({ min: 1, max: 6 }),
    });
    fc.assert(
      fc.property(fc.array(slot, { maxLength: 80 }), limits, fc.boolean(), (given, limit, isWeighed) => {
        const slots = withIds(given);
        const free = slots.filter(
          ({ isReady, occupied }) => isReady && occupied < limit.concurrentTasksPerWorker,
        );
        const active = slots.filter(({ isStaying, occupied }) => isStaying && occupied > 0).length;
        const fewestOf = (some: typeof slots) => {
          const fewest = Math.min(...some.map(({ occupied }) => occupied));
          return some.filter(({ occupied }) => occupied === fewest);
        };
        const bestOf = (some: typeof slots) => {
          const equals = fewestOf(some);
          const lightest = Math.min(...equals.map(({ weight }) => weight));
          return isWeighed ? equals.find(({ weight }) => weight === lightest) : equals[0];
        };
        const best = bestOf(free);
        const busy = bestOf(free.filter(({ occupied }) => occupied > 0));
        const isReserve = best?.occupied === 0 && active >= limit.activeSlots;
        const picked = pickSlot(slots, limit, isWeighed ? ({ weight }) => weight : undefined);
        expect(picked).toBe(isReserve ? busy : best);
      }),
      { numRuns: 1_000 },
    );
  });

  test("is the same as by a look at all of them, whatever happens to them, if each that may have capacity is marked", () => {
    const step = fc.record({
      which: fc.nat(70),
      what: fc.constantFrom("take", "take", "end", "end", "ready", "retire", "replace"),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.array(step, { maxLength: 200 }), (most, steps) => {
        const free = new FreeSlots<SlotLoad>(most);
        const slots = Array.from({ length: 70 }, (_, i) => ({ ...load(0, false), id: i + 1 }));
        for (const { which, what } of steps) {
          let slot = slots[which % slots.length] as (typeof slots)[number];
          if (what === "replace") {
            slot.isReady = false; // it is dead
            slots[which % slots.length] = slot = { ...load(0, false), id: slot.id };
          }
          if (what === "ready") slot.isReady = true;
          if (what === "end" && slot.occupied > 0) slot.occupied--;
          if (what === "ready" || what === "end") free.mark(slot);
          if (what === "retire") slot.isReady = false;
          const open = slots.filter(({ isReady, occupied }) => isReady && occupied < most);
          const fewest = Math.min(...open.map(({ occupied }) => occupied));
          const picked = free.pick(() => true) as typeof slot | undefined;
          expect(picked).toBe(open.find(({ occupied }) => occupied === fewest));
          if (what === "take" && picked !== undefined) {
            picked.occupied++;
            free.mark(picked);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
