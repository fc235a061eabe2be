import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AttemptFailure, backoffDelay, isRetried } from "../../src/task/retry-policy.ts";

const backoff = { initial: 100, factor: 2, max: 1_000, jitter: 0 };
const policy = { limit: 2, when: undefined, backoff };

describe("a failed attempt", () => {
  test.each<[AttemptFailure, number, boolean]>([
    ["death", 1, true],
    ["death", 2, true],
    ["death", 3, false],
    ["timeout", 1, true],
    ["timeout", 3, false],
    ["thrown", 1, false],
  ])("by %s that is the failure %d is made again: %s", (how, failures, expected) => {
    expect(isRetried(policy, failures, how, new Error("mine"))).toBe(expected);
  });

  test.each<AttemptFailure>(["death", "timeout", "thrown"])("by %s is final without retries", (how) => {
    expect(isRetried(undefined, 1, how, undefined)).toBe(false);
    expect(isRetried({ ...policy, limit: 0 }, 1, how, undefined)).toBe(false);
  });

  test("by an error that was thrown is made again where the caller says so, and only there", () => {
    const asked: unknown[] = [];
    const when = (error: unknown) => {
      asked.push(error);
      return error === "again";
    };
    const own = { ...policy, when };
    expect(isRetried(own, 1, "thrown", "again")).toBe(true);
    expect(isRetried(own, 1, "thrown", "else")).toBe(false);
    expect(isRetried(own, 3, "thrown", "again")).toBe(false);
    expect(isRetried({ ...own, when: () => "yes" as never }, 1, "thrown", "again")).toBe(false);
    expect(isRetried(own, 1, "death", "else")).toBe(true);
    expect(asked).toEqual(["again", "else"]); // of a death, and beyond the limit, nobody is asked
  });
});

describe("the delay before the next attempt", () => {
  test.each([
    [1, 100],
    [2, 200],
    [3, 400],
    [4, 800],
    [5, 1_000],
    [5_000, 1_000],
  ])("after the failure %d is %d ms", (failures, ms) => {
    expect(backoffDelay(backoff, failures, 0.7)).toBe(ms);
  });

  test.each([
    [0, 100],
    [0.5, 75],
    [1, 50],
  ])("is spread by the lot: %d makes it %d ms", (lot, ms) => {
    expect(backoffDelay({ ...backoff, jitter: 0.5 }, 1, lot)).toBe(ms);
  });

  test("is a number from 0 to the longest, whatever the options", () => {
    const options = fc.record({
      initial: fc.oneof(fc.nat(10_000), fc.constant(Number.POSITIVE_INFINITY)),
      factor: fc.double({ min: 1, max: Number.MAX_VALUE, noNaN: true }),
      max: fc.oneof(fc.nat(100_000), fc.constant(Number.POSITIVE_INFINITY)),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        options,
        fc.integer({ min: 1, max: 5_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (drawn, failures, lot) => {
          const delay = backoffDelay(drawn, failures, lot);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(drawn.max);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
