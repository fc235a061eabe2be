import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  freeCapacity,
  type Headcount,
  type Limits,
  plan,
  restingWorkers,
  wantedWorkers,
} from "../../src/supervision/plan.ts";
import { runs } from "../support/effort.ts";

const limits = (
  minWorkers: number,
  maxWorkers: number,
  concurrentTasksPerWorker = 1,
  spares = 0,
): Limits => ({ minWorkers, maxWorkers, activeSlots: maxWorkers - spares, concurrentTasksPerWorker });

const count = (queued: number, occupied: number, staying: number, live = staying): Headcount => ({
  queued,
  occupied,
  ahead: 0,
  staying,
  starting: 0,
  due: 0,
  replacements: 0,
  owed: 0,
  live,
});

describe("the workers to start", () => {
  test.each<[string, Headcount, Limits, number]>([
    ["none when nothing waits", count(0, 0, 0), limits(0, 4), 0],
    ["one for each task that waits", count(3, 0, 0), limits(0, 4), 3],
    ["no more than the limit", count(9, 0, 0), limits(0, 4), 4],
    ["only what free capacity leaves over", count(3, 0, 2), limits(0, 4), 1],
    ["none when free capacity suffices", count(2, 0, 2), limits(0, 4), 0],
    ["as many as the tasks fill, rounded up", count(5, 0, 0), limits(0, 4, 2), 3],
    ["those for which the busy ones have no capacity", count(2, 3, 2), limits(0, 4, 2), 1],
    ["what the minimum lacks", count(0, 0, 1), limits(3, 4), 2],
    ["the minimum when it is more than the tasks need", count(1, 0, 0), limits(2, 4), 2],
    ["what the tasks need when it is more than the minimum", count(3, 0, 0), limits(1, 4), 3],
    ["none while those that stop still live", count(5, 0, 0, 4), limits(0, 4), 0],
    ["one for each that is gone", count(5, 1, 1, 3), limits(0, 4), 1],
    ["none when more live than the limit allows", count(5, 0, 0, 9), limits(2, 4), 0],
    ["the reserve, although nothing waits", count(0, 0, 0), limits(0, 4, 1, 2), 2],
    ["the reserve beyond what the tasks need", count(1, 0, 0), limits(0, 4, 1, 2), 3],
    ["the reserve beyond the minimum", count(0, 0, 0), limits(1, 4, 1, 2), 3],
    ["no more than the limit with a reserve", count(9, 0, 0), limits(0, 4, 1, 2), 4],
    ["what is owed for those that went early", { ...count(0, 0, 1), owed: 2 }, limits(0, 4), 2],
    ["of what is owed as many as there is room for", { ...count(0, 0, 1, 3), owed: 2 }, limits(0, 4), 1],
  ])("are %s", (_, headcount, limit, expected) => {
    expect(plan(headcount, limit)).toEqual({
      start: expected,
      isReplacement: false,
      tooMany: 0,
      retireDue: 0,
    });
  });
});

describe("the wanted workers", () => {
  test.each<[string, Headcount, Limits, number]>([
    ["none without tasks or a minimum", count(0, 0, 3), limits(0, 4), 0],
    ["the minimum", count(0, 0, 0), limits(2, 4), 2],
    ["what running and waiting tasks fill", count(3, 2, 1), limits(0, 9, 2), 3],
    ["at most the limit", count(99, 0, 0), limits(0, 4), 4],
    ["the reserve alone", count(0, 0, 0), limits(0, 4, 1, 3), 3],
    ["with a reserve as many for tasks as are no reserve", count(99, 0, 0), limits(0, 4, 1, 3), 4],
    ["with a minimum above what is no reserve", count(0, 0, 0), limits(4, 4, 1, 1), 4],
  ])("are %s", (_, headcount, limit, expected) => {
    expect(wantedWorkers(headcount, limit)).toBe(expected);
  });
});

describe("workers that are due", () => {
  const due = (changes: Partial<Headcount>) => ({ ...count(0, 0, 2), due: 1, ...changes });
  const nothing = { start: 0, isReplacement: false, tooMany: 0, retireDue: 0 };

  test.each<[string, Headcount, Limits, Partial<ReturnType<typeof plan>>]>([
    ["have a replacement started first", due({}), limits(2, 3), { start: 1, isReplacement: true }],
    ["have one started at a time", due({ due: 2 }), limits(2, 9), { start: 1, isReplacement: true }],
    ["wait for the one that starts", due({ staying: 3, live: 3, starting: 1 }), limits(2, 9), {}],
    ["go when it is ready", due({ staying: 3, live: 3, replacements: 1 }), limits(2, 3), { retireDue: 1 }],
    [
      "go no more than replacements are ready",
      due({ due: 2, replacements: 1 }),
      limits(2, 2),
      { retireDue: 1 },
    ],
    [
      "go no more than are due",
      due({ staying: 5, live: 5, replacements: 2 }),
      limits(2, 9),
      { retireDue: 1 },
    ],
    ["go first where there is no room, one", due({ due: 2 }), limits(2, 2), { retireDue: 1 }],
    ["wait there for the last one's end", due({ staying: 1, live: 2, due: 1 }), limits(1, 2), {}],
    ["wait for what the tasks need", due({ queued: 3 }), limits(0, 9), { start: 1 }],
    ["go like any other where there are too many", due({ due: 2 }), limits(0, 1), { tooMany: 1 }],
  ])("%s", (_, headcount, limit, expected) => {
    expect(plan(headcount, limit)).toEqual({ ...nothing, ...expected });
  });

  /** Carries plans out as a supervisor does, in any order in which processes start and end. */
  test("are all replaced, one after the other, and never above the limit", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.nat(3),
        fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
        fc.infiniteStream(fc.nat(100)),
        (workers, room, isDue, lots) => {
          const limit = limits(workers, workers + room);
          interface Worker {
            phase: "starting" | "ready" | "stopping";
            due: boolean;
            isReplacement: boolean;
            readonly isNew: boolean;
          }
          let pool: Worker[] = Array.from({ length: workers }, (_, i) => ({
            phase: "ready",
            due: isDue[i] as boolean,
            isReplacement: false,
            isNew: false,
          }));
          const old = pool.filter(({ due: is }) => is).length;
          let [owed, started] = [0, 0];
          for (let step = 0; step < 200; step++) {
            const staying = pool.filter(({ phase }) => phase !== "stopping");
            const headcount: Headcount = {
              queued: 0,
              occupied: 0,
              ahead: 0,
              staying: staying.length,
              starting: staying.filter(({ phase }) => phase === "starting").length,
              due: staying.filter(({ due: is }) => is).length,
              replacements: staying.filter((w) => !w.due && w.isReplacement && w.phase === "ready").length,
              owed,
              live: pool.length,
            };
            const { start, isReplacement, tooMany, retireDue } = plan(headcount, limit);
            expect(tooMany).toBe(0);
            for (let i = 0; i < start; i++) {
              pool.push({ phase: "starting", due: false, isReplacement, isNew: true });
              owed = Math.max(0, owed - 1);
              started++;
            }
            for (const worker of staying.filter(({ due: is }) => is).slice(0, retireDue)) {
              worker.phase = "stopping";
              const replacement = pool.find((w) => w.isReplacement && w.phase === "ready");
              if (replacement === undefined) owed++;
              else replacement.isReplacement = false;
            }
            expect(pool.length).toBeLessThanOrEqual(limit.maxWorkers);
            const serving = pool.filter(({ phase }) => phase === "ready").length;
            expect(serving).toBeGreaterThanOrEqual(room > 0 ? workers : workers - 1);
            const moving = pool.filter(({ phase }) => phase !== "ready");
            if (moving.length === 0) continue;
            const one = moving[(lots.next().value as number) % moving.length] as Worker;
            if (one.phase === "starting") one.phase = "ready";
            else pool = pool.filter((worker) => worker !== one);
          }
          expect(pool.every(({ phase, due: is }) => phase === "ready" && !is)).toBe(true);
          expect([pool.length, started, owed]).toEqual([workers, old, 0]);
        },
      ),
      { numRuns: runs(200) },
    );
  });
});

const anyLimits = fc
  .tuple(fc.nat(20), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 8 }), fc.nat(19))
  .map(([min, max, perWorker, spares]) =>
    limits(Math.min(min, max), max, perWorker, Math.min(spares, max - 1)),
  );
const anyCount = fc
  .record({
    queued: fc.nat(100),
    occupied: fc.nat(100),
    staying: fc.nat(25),
    starting: fc.nat(25),
    due: fc.nat(25),
    replacements: fc.nat(5),
    owed: fc.nat(3),
    live: fc.nat(25),
  })
  .map((drawn): Headcount => {
    const { staying } = drawn;
    const starting = Math.min(drawn.starting, staying);
    return {
      ...drawn,
      starting,
      occupied: staying === 0 ? 0 : drawn.occupied,
      ahead: 0,
      due: Math.min(drawn.due, staying),
      replacements: Math.min(drawn.replacements, staying - starting),
      live: staying + drawn.live,
    };
  });

describe("for any head count and limits", () => {
  test("are at rest as many as with no task", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const resting = { ...headcount, queued: 0, occupied: 0 };
        expect(restingWorkers(limit)).toBe(wantedWorkers(resting, limit));
      }),
    );
  });

  test("live and started workers never exceed the limit", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const { start } = plan(headcount, limit);
        expect(Number.isInteger(start) && start >= 0).toBe(true);
        expect(headcount.live + start).toBeLessThanOrEqual(Math.max(limit.maxWorkers, headcount.live));
      }),
      { numRuns: 2_000 },
    );
  });

  test("enough are started for the tasks, the minimum and the reserve, or the limit is reached", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const { start } = plan(headcount, limit);
        if (headcount.live + start >= limit.maxWorkers) return;
        const staying = headcount.staying + start;
        const reserve = limit.maxWorkers - limit.activeSlots;
        expect((staying - reserve) * limit.concurrentTasksPerWorker).toBeGreaterThanOrEqual(
          Math.min(headcount.queued + headcount.occupied, limit.activeSlots * limit.concurrentTasksPerWorker),
        );
        expect(staying).toBeGreaterThanOrEqual(limit.minWorkers);
      }),
      { numRuns: 2_000 },
    );
  });

  test("not one is started more than the tasks, the minimum, the reserve or a replacement need", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const { start, isReplacement } = plan(headcount, limit);
        if (isReplacement) {
          expect([start, headcount.starting, headcount.replacements]).toEqual([1, 0, 0]);
          expect(headcount.due).toBeGreaterThan(0);
          return;
        }
        if (start === 0 || start <= headcount.owed) return;
        const withOneLess = headcount.staying + start - 1;
        const forTasks = withOneLess - (limit.maxWorkers - limit.activeSlots);
        expect(
          forTasks * limit.concurrentTasksPerWorker < headcount.queued + headcount.occupied ||
            forTasks < limit.minWorkers,
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("none leaves that stays within the limit and is not due, and none while others start", () => {
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        const { start, tooMany, retireDue } = plan(headcount, limit);
        expect(tooMany).toBe(Math.max(0, headcount.staying - limit.maxWorkers));
        expect(retireDue).toBeLessThanOrEqual(headcount.due);
        if (start > 0) expect(retireDue).toBe(0);
        if (retireDue > headcount.replacements) {
          // Nobody is away yet, and there is no room for a replacement.
          expect([retireDue, headcount.starting, headcount.live - headcount.staying]).toEqual([1, 0, 0]);
          expect(headcount.live).toBeGreaterThanOrEqual(limit.maxWorkers);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test("free capacity is that of the workers there are and of those that may still be started", () => {
    expect(freeCapacity(count(0, 0, 0), limits(0, 4, 2))).toBe(8);
    expect(freeCapacity(count(3, 3, 2, 3), limits(0, 4, 2))).toBe(0);
    expect(freeCapacity(count(9, 4, 4), limits(0, 4))).toBe(-9);
    expect(freeCapacity(count(0, 0, 0), limits(0, 4, 2, 1))).toBe(6);
    fc.assert(
      fc.property(anyCount, anyLimits, (headcount, limit) => {
        if (headcount.live > limit.maxWorkers) return;
        const open = freeCapacity(headcount, limit);
        const oneMore = freeCapacity({ ...headcount, queued: headcount.queued + 1 }, limit);
        expect(oneMore).toBe(open - 1);
        if (open <= 0) return;
        // A call that finds free capacity waits for no other: a worker has it, or one is started.
        const more = { ...headcount, queued: headcount.queued + open };
        const all = Math.min(limit.activeSlots, more.staying + plan(more, limit).start);
        expect(all * limit.concurrentTasksPerWorker - more.occupied).toBeGreaterThanOrEqual(more.queued);
      }),
      { numRuns: 2_000 },
    );
  });
});
