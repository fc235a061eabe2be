import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Lookahead, pickAhead } from "../../src/dispatch/pick-ahead.ts";
import type { Prefetch } from "../../src/options/pool-options.ts";

const slot = (expected: number, more: Partial<Lookahead> = {}): Lookahead => ({
  isReady: true,
  occupied: 1,
  takesAhead: true,
  ahead: 0,
  expected,
  movedAt: 1_000,
  ...more,
});

const pick = (slots: readonly Lookahead[], expected: number, prefetch: Prefetch = "auto", now = 1_000) =>
  pickAhead(slots, () => true, "task", {
    prefetch,
    runTimes: { expected: () => expected },
    clock: { recent: () => now },
  });

const UNKNOWN = Number.POSITIVE_INFINITY;

describe("a task goes ahead by its run time", () => {
  test("to the worker with the least to do", () => {
    const slots = [slot(0.5), slot(0.2), slot(0.3)];
    expect(pick(slots, 0.01)).toBe(slots[1]);
  });

  test.each<[string, Lookahead, number]>([
    ["that is long", slot(0.1), 3],
    ["of which nothing is known", slot(0.1), UNKNOWN],
    ["behind one of which nothing is known", slot(UNKNOWN), 0.1],
    ["behind a long one", slot(3), 0.1],
    ["behind a millisecond of work that waits already", slot(1.5, { ahead: 1 }), 0.1],
    ["behind a hundred that wait", slot(0.5, { ahead: 128 }), 0.001],
    ["to a worker that should take none", slot(0.1, { takesAhead: false }), 0.1],
  ])("but not one %s", (_, busy, expected) => {
    expect(pick([busy], expected)).toBeUndefined();
  });

  test("of a millisecond, to wait behind another such", () => {
    const busy = slot(1.1);
    expect(pick([busy], 1.1)).toBe(busy);
  });

  test("but not to a worker that is late: what it runs is not short", () => {
    const late = slot(0.5, { movedAt: 900 });
    expect(pick([late], 0.1)).toBeUndefined();
    expect(pick([slot(0.5, { movedAt: 999 })], 0.1)).toBeDefined();
  });
});

describe("a task goes ahead by number", () => {
  test("whatever is known of it, to the worker where fewest wait", () => {
    const slots = [slot(UNKNOWN, { ahead: 2 }), slot(UNKNOWN, { ahead: 1, movedAt: 0 })];
    expect(pick(slots, UNKNOWN, 3)).toBe(slots[1]);
  });

  test("while fewer than so many wait; with 0 never", () => {
    expect(pick([slot(0.1, { ahead: 3 })], 0.1, 3)).toBeUndefined();
    expect(pick([slot(0.1)], 0.1, 0)).toBeUndefined();
  });
});

test("only a candidate is picked", () => {
  const lookahead = fc.record({
    expected: fc.constantFrom(0, 0.3, 1.2, 5, UNKNOWN),
    ahead: fc.nat(4),
    takesAhead: fc.boolean(),
    id: fc.nat(1),
  });
  const prefetch = fc.constantFrom<Prefetch>("auto", 0, 1, 3);
  fc.assert(
    fc.property(
      fc.array(lookahead),
      prefetch,
      fc.constantFrom(0.1, 1.5, UNKNOWN),
      (drawn, limit, expected) => {
        const slots = drawn.map((more) => ({ ...slot(0), ...more }));
        const lookout = { prefetch: limit, clock: { recent: () => 1_000 } };
        const picked = pickAhead(slots, ({ id }) => id === 0, "task", {
          ...lookout,
          runTimes: { expected: () => expected },
        });
        if (picked === undefined) return;
        expect([picked.takesAhead, picked.id]).toEqual([true, 0]);
        if (limit !== "auto") expect(picked.ahead).toBeLessThan(limit);
        else expect([picked.expected <= 2, expected <= 2]).toEqual([true, true]);
      },
    ),
  );
});
