/** A limit counts the time in which the host's loop turns, and no other. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Limit } from "../../src/host/limit.ts";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** What is not seen of a standstill, at most. */
const UNSEEN = 20;
/** What the loop gets to read what waits for it. */
const LAST_LOOK = 10;

function setUp(ms: number) {
  const clock = new FakeClock();
  const runtime = {
    now: () => clock.now,
    startTimer: (after: number, callback: () => void) => clock.startTimer(after, callback),
    afterTurn: (callback: () => void) => void clock.startTimer(0, callback),
  };
  const overAt: number[] = [];
  const limit = new Limit(new LoopWatch(runtime), ms, () => overAt.push(clock.now));
  /** The loop stands still: no timer fires, nothing is read. */
  const standStill = async (time: number) => {
    clock.now += time;
    await clock.advance(0);
  };
  return { clock, limit, overAt, standStill };
}

describe("a limit", () => {
  test.each([0, 0.5, 1, 19, 20, 21, 1_000])(
    "of %d ms is over after so long, once, and leaves no timer",
    async (ms) => {
      const { clock, overAt } = setUp(ms);
      if (ms > 0) await clock.advance(ms - 0.25);
      expect(overAt).toEqual(ms > 0 ? [] : overAt);
      await clock.advance(0.25);
      expect(overAt).toEqual([ms]);
      await clock.advance(10_000);
      expect([overAt, clock.pending]).toEqual([[ms], 0]);
    },
  );

  test("that is cancelled is never over, and leaves no timer once the loop has been looked at", async () => {
    const { clock, limit, overAt } = setUp(1_000);
    await clock.advance(500);
    limit.cancel();
    limit.cancel();
    await clock.advance(UNSEEN);
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(overAt).toEqual([]);
  });

  test("stands still while it is paused, however often and however long", async () => {
    const { clock, limit, overAt } = setUp(1_000);
    for (let round = 0; round < 3; round++) {
      await clock.advance(300);
      limit.pause();
      limit.pause();
      await clock.advance(5_000);
      expect(clock.pending).toBe(0);
      limit.resume();
      limit.resume();
    }
    await clock.advance(99);
    expect(overAt).toEqual([]);
    await clock.advance(1);
    expect(overAt).toHaveLength(1);
  });

  test("that is resumed without a pause runs on as it did", async () => {
    const { clock, limit, overAt } = setUp(1_000);
    await clock.advance(900);
    limit.resume();
    await clock.advance(100);
    expect(overAt).toEqual([1_000]);
  });
});

describe("a standstill of the host's loop", () => {
  test.each([
    ["at once", 0],
    ["in the middle", 500],
    ["just before the end", 999],
  ])("%s is added to the limit", async (_, before) => {
    const { clock, overAt, standStill } = setUp(1_000);
    await clock.advance(before);
    await standStill(60_000);
    expect(overAt).toEqual([]);
    await clock.advance(1_000 - before - UNSEEN - 1);
    expect(overAt).toEqual([]);
    await clock.advance(UNSEEN + LAST_LOOK + 1);
    expect(overAt).toHaveLength(1);
  });

  test("longer than the limit, from its first moment, ends nothing before the loop has turned", async () => {
    const { clock, overAt, standStill } = setUp(5);
    await standStill(200);
    expect(overAt).toEqual([]);
    await clock.advance(LAST_LOOK - 1);
    expect(overAt).toEqual([]);
    await clock.advance(1);
    expect(overAt).toEqual([210]);
  });

  test("is added as often as it comes", async () => {
    const { clock, overAt, standStill } = setUp(1_000);
    for (let round = 0; round < 5; round++) {
      await standStill(3_000);
      await clock.advance(100);
    }
    expect(overAt).toEqual([]);
    await clock.advance(500 + LAST_LOOK);
    expect(overAt).toHaveLength(1);
  });

  test("while it is paused costs nothing and gains nothing", async () => {
    const { clock, limit, overAt, standStill } = setUp(1_000);
    await clock.advance(400);
    limit.pause();
    await standStill(60_000);
    limit.resume();
    await clock.advance(599);
    expect(overAt).toEqual([]);
    await clock.advance(1);
    expect(overAt).toHaveLength(1);
  });

  test("that never ends for long puts nothing off for ever", async () => {
    const { overAt, standStill, clock } = setUp(100);
    let turns = 0;
    // Each turn of the loop takes longer than the last look gives it.
    for (; overAt.length === 0 && turns < 1_000; turns++) await standStill(35);
    expect(turns).toBeLessThan(40);
    await clock.advance(UNSEEN);
    expect(clock.pending).toBe(0);
  });

  test("of no more than a busy loop's delay is none", async () => {
    const { clock, overAt } = setUp(1_000);
    while (overAt.length === 0) {
      clock.now += 9;
      await clock.advance(1);
    }
    expect(clock.now).toBeLessThanOrEqual(1_010);
  });
});

test("whatever comes, so much time in which the loop turned goes by, and hardly more", async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("turn" as const), ms: fc.integer({ min: 1, max: 120 }) }),
    fc.record({ do: fc.constant("stand" as const), ms: fc.integer({ min: 1, max: 500 }) }),
    fc.record({ do: fc.constant("rest" as const), ms: fc.integer({ min: 1, max: 300 }) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 400 }),
      fc.array(step, { maxLength: 25 }),
      async (ms, steps) => {
        const { clock, limit, overAt, standStill } = setUp(ms);
        let turned = 0;
        let stands = 0;
        for (const now of steps) {
          if (overAt.length > 0) break;
          if (now.do === "turn") {
            const from = clock.now;
            await clock.advance(now.ms);
            turned += (overAt[0] ?? clock.now) - from;
          } else if (now.do === "stand") {
            stands++;
            await standStill(now.ms);
          } else {
            limit.pause();
            await clock.advance(now.ms);
            limit.resume();
          }
        }
        const isOver = overAt.length > 0;
        // Of each standstill so much may count as turning as goes unseen.
        if (isOver) expect(turned + stands * 2 * UNSEEN).toBeGreaterThanOrEqual(ms);
        else expect(turned).toBeLessThan(ms + (stands + 1) * LAST_LOOK);
        limit.cancel();
        await clock.advance(UNSEEN);
        expect(clock.pending).toBe(0);
        expect(overAt.length).toBe(isOver ? 1 : 0);
      },
    ),
    { numRuns: 300 },
  );
});
