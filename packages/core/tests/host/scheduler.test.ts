import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Headcount,
  type Limits,
  openSeats,
  pickSlot,
  workersToStart,
} from "../../src/host/scheduler.ts";

const seats = (occupied: number, isReady = true) => ({ isReady, occupied });

describe("the slot for a task", () => {
  test.each<[string, ReturnType<typeof seats>[], number, number | undefined]>([
    ["none when there are no slots", [], 1, undefined],
    ["none when every slot is full", [seats(1), seats(1)], 1, undefined],
    ["none when the free one is not ready", [seats(0, false), seats(1)], 1, undefined],
    [
      "the first of several idle ones, so that the later ones can leave",
      [seats(1), seats(0), seats(0)],
      1,
      1,
    ],
    ["an idle one before one that has room", [seats(1), seats(0)], 2, 1],
    ["the one with the fewest tasks", [seats(3), seats(2), seats(1), seats(2)], 4, 2],
    ["the first of those with as few", [seats(4), seats(2), seats(2)], 4, 1],
    ["never one beyond its seats", [seats(2), seats(3)], 2, undefined],
  ])("is %s", (_, slots, perSlot, expected) => {
    expect(pickSlot(slots, perSlot)).toBe(expected === undefined ? undefined : slots[expected]);
  });

  test("is ready, has a free seat and the fewest tasks of all such, whatever the slots", () => {
    const slot = fc.record({ isReady: fc.boolean(), occupied: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(slot), fc.integer({ min: 1, max: 5 }), (slots, perSlot) => {
        const free = slots.filter(({ isReady, occupied }) => isReady && occupied < perSlot);
        const fewest = Math.min(...free.map(({ occupied }) => occupied));
        expect(pickSlot(slots.values(), perSlot)).toBe(free.find(({ occupied }) => occupied === fewest));
      }),
      { numRuns: 500 },
    );
  });
});

const limits = (minWorkers: number, maxWorkers: number, concurrentTasksPerWorker = 1): Limits => ({
  minWorkers,
  maxWorkers,
  concurrentTasksPerWorker,
});
const count = (queued: number, freeSeats: number, staying: number, live = staying): Headcount => ({
  queued,
  freeSeats,
  staying,
  live,
});

describe("the workers to start", () => {
  test.each<[string, Headcount, Limits, number]>([
    ["none when nothing waits", count(0, 0, 0), limits(0, 4), 0],
    ["one for each task that waits", count(3, 0, 0), limits(0, 4), 3],
    ["no more than the limit", count(9, 0, 0), limits(0, 4), 4],
    ["only what the free seats leave over", count(3, 2, 2), limits(0, 4), 1],
    ["none when the free seats are enough", count(2, 2, 2), limits(0, 4), 0],
    ["as many as the tasks fill, rounded up", count(5, 0, 0), limits(0, 4, 2), 3],
    ["what the minimum lacks", count(0, 1, 1), limits(3, 4), 2],
    ["the minimum when it is more than the tasks need", count(1, 0, 0), limits(2, 4), 2],
    ["what the tasks need when it is more than the minimum", count(3, 0, 0), limits(1, 4), 3],
    ["none while those that stop still live", count(5, 0, 0, 4), limits(0, 4), 0],
    ["one for each that is gone", count(5, 0, 1, 3), limits(0, 4), 1],
    ["none when more live than the limit allows", count(5, 0, 0, 9), limits(2, 4), 0],
  ])("are %s", (_, headcount, limit, expected) => {
    expect(workersToStart(headcount, limit)).toBe(expected);
  });
});

const anyLimits = fc
  .tuple(fc.nat(20), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 }))
  .map(([min, max, perWorker]) => limits(Math.min(min, max), max, perWorker));
const anyCount = fc
  .tuple(fc.nat(100), fc.nat(100), fc.nat(25), fc.nat(25))
  .map(([queued, freeSeats, staying, stopping]) => count(queued, freeSeats, staying, staying + stopping));

describe("for any head count and limits", () => {
  test("live and started workers never exceed the limit", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const started = workersToStart(headcount, limit);
        expect(Number.isInteger(started) && started >= 0).toBe(true);
        expect(headcount.live + started).toBeLessThanOrEqual(Math.max(limit.maxWorkers, headcount.live));
      }),
      { numRuns: 2_000 },
    );
  });

  test("enough are started for the tasks and the minimum, or the limit is reached", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const started = workersToStart(headcount, limit);
        if (headcount.live + started >= limit.maxWorkers) return;
        expect(headcount.freeSeats + started * limit.concurrentTasksPerWorker).toBeGreaterThanOrEqual(
          headcount.queued,
        );
        expect(headcount.staying + started).toBeGreaterThanOrEqual(limit.minWorkers);
      }),
      { numRuns: 2_000 },
    );
  });

  test("not one is started more than the tasks or the minimum need", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const started = workersToStart(headcount, limit);
        if (started === 0) return;
        const withOneLess = headcount.freeSeats + (started - 1) * limit.concurrentTasksPerWorker;
        expect(withOneLess < headcount.queued || headcount.staying + started - 1 < limit.minWorkers).toBe(
          true,
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test("the open seats are those that are free and those of the workers that may still be started", () => {
    expect(openSeats(count(0, 0, 0), limits(0, 4, 2))).toBe(8);
    expect(openSeats(count(3, 1, 2, 3), limits(0, 4, 2))).toBe(0);
    expect(openSeats(count(9, 0, 4), limits(0, 4))).toBe(-9);
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        if (headcount.live > limit.maxWorkers) return;
        const open = openSeats(headcount, limit);
        const oneMore = openSeats({ ...headcount, queued: headcount.queued + 1 }, limit);
        expect(oneMore).toBe(open - 1);
        if (open <= 0) return;
        // A call that finds an open seat waits for no other: it has a free one, or a worker is started for it.
        const more = { ...headcount, queued: headcount.queued + open };
        const all = more.freeSeats + workersToStart(more, limit) * limit.concurrentTasksPerWorker;
        expect(all).toBeGreaterThanOrEqual(more.queued);
      }),
      { numRuns: 2_000 },
    );
  });
});
