import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomLimits } from "../../src/slot/recycle-limits.ts";

const never = Number.POSITIVE_INFINITY;

describe("the limits of one worker", () => {
  test.each([
    [
      "are those of the pool without a lot",
      { tasks: 100, age: 1_000, rss: 500, jitter: 0 },
      0.9,
      [100, 1_000, 500],
    ],
    [
      "are those of the pool when the lot is 0",
      { tasks: 100, age: 1_000, rss: 500, jitter: 0.5 },
      0,
      [100, 1_000, 500],
    ],
    [
      "are less by the share that is drawn",
      { tasks: 100, age: 1_000, rss: 500, jitter: 0.2 },
      0.5,
      [90, 900, 450],
    ],
    ["are whole tasks, rounded up", { tasks: 3, age: never, rss: never, jitter: 0.5 }, 1, [2, never, never]],
    ["are one task at least", { tasks: 1, age: 0, rss: 0, jitter: 1 }, 1, [1, 0, 0]],
    [
      "are one task also where none is asked for",
      { tasks: 0, age: never, rss: never, jitter: 0 },
      0,
      [1, never, never],
    ],
    [
      "are none where there is none",
      { tasks: never, age: never, rss: never, jitter: 0.9 },
      0.9,
      [never, never, never],
    ],
  ])("%s", (_, options, lot, [tasks, age, rss]) => {
    expect(randomLimits({ isExact: false, ...options }, lot)).toEqual({
      tasks,
      isExact: false,
      age,
      rss,
    });
  });

  test("are never above those of the pool, and differ between workers", () => {
    const lot = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), lot, lot, (limit, one, other) => {
        const options = { tasks: limit, isExact: false, age: limit, rss: limit, jitter: 0.5 };
        const [first, second] = [randomLimits(options, one), randomLimits(options, other)];
        for (const drawn of [first.tasks, first.age, first.rss]) {
          expect(drawn).toBeLessThanOrEqual(limit);
          expect(drawn).toBeGreaterThanOrEqual(limit / 2);
        }
        expect(Number.isInteger(first.tasks)).toBe(true);
        if (one < other) expect(second.age).toBeLessThanOrEqual(first.age);
      }),
    );
  });

  test("are exact in tasks where that is asked for, whatever the jitter", () => {
    const options = { tasks: 10, isExact: true, age: 100, rss: 100, jitter: 0.5 };
    expect(randomLimits(options, 0.99).tasks).toBe(10);
  });
});
