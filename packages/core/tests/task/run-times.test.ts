import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RunTimes } from "../../src/task/run-times.ts";

const after = (...times: number[]): number => {
  const runTimes = new RunTimes();
  for (const ms of times) runTimes.record("task", ms);
  return runTimes.expected("task");
};

describe("the expected run time of a name", () => {
  test("is not known before its first answer, nor by a worker that does not measure", () => {
    expect(after()).toBe(Number.POSITIVE_INFINITY);
    expect(after(0, 0, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("is that of the runs so far, the last ones above all", () => {
    expect(after(1)).toBe(1);
    expect(after(1, 1, 3)).toBeGreaterThan(1);
    expect(after(1, ...Array.from({ length: 200 }, () => 0.1))).toBeCloseTo(0.1, 2);
  });

  test("is nothing to rely on for long after one run that was long", () => {
    const short = (count: number) => Array.from({ length: count }, () => 0.01);
    expect(after(...short(100), 50, ...short(500))).toBe(Number.POSITIVE_INFINITY);
    expect(after(...short(100), 50, ...short(1_000))).toBeLessThan(0.1);
    // One in five hundred, for ever.
    expect(after(...Array.from({ length: 20 }, () => [50, ...short(500)]).flat())).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test("of another name is another's", () => {
    const runTimes = new RunTimes();
    runTimes.record("long", 100);
    runTimes.record("short", 0.1);
    expect([runTimes.expected("long"), runTimes.expected("short")]).toEqual([Number.POSITIVE_INFINITY, 0.1]);
  });

  test("lies between the shortest and the longest run, or is unknown", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.001, max: 1_000, noNaN: true }), { minLength: 1 }), (times) => {
        const expected = after(...times);
        if (expected === Number.POSITIVE_INFINITY) return;
        expect(expected).toBeGreaterThanOrEqual(Math.min(...times) * 0.999);
        expect(expected).toBeLessThanOrEqual(Math.max(...times) * 1.001);
      }),
    );
  });
});
