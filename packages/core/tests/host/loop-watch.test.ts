/** How long the host's event loop was blocked while it was being watched. */
import { describe, expect, test } from "vitest";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import { FakeClock } from "../support/fake-clock.ts";

/** From one look to the next. */
const LOOK = 20;

function setUp() {
  const clock = new FakeClock();
  const watch = new LoopWatch({
    now: () => clock.now,
    startTimer: (ms, callback) => clock.startTimer(ms, callback),
    afterTurn: (callback) => void clock.startTimer(0, callback),
  });
  const standStill = async (time: number) => {
    clock.now += time;
    await clock.advance(0);
  };
  return { clock, watch, standStill };
}

describe("a watch over the loop", () => {
  test("has no timer before it is held, nor after it is released", async () => {
    const { clock, watch } = setUp();
    expect([clock.pending, watch.blockedMs()]).toEqual([0, 0]);
    for (let n = 0; n < 3; n++) watch.hold();
    expect(clock.pending).toBe(1);
    await clock.advance(10 * LOOK);
    expect(clock.pending).toBe(1);
    for (let n = 0; n < 3; n++) watch.release();
    await clock.advance(LOOK);
    expect(clock.pending).toBe(0);
    watch.hold();
    expect(clock.pending).toBe(1);
  });

  test("goes on where it is held again before its next look", async () => {
    const { clock, watch } = setUp();
    watch.hold();
    watch.release();
    watch.hold();
    expect(clock.pending).toBe(1);
    await clock.advance(10 * LOOK);
    expect(clock.pending).toBe(1);
  });

  test("has seen nothing while the loop turns, also where it is busy", async () => {
    const { clock, watch } = setUp();
    watch.hold();
    for (let n = 0; n < 100; n++) {
      clock.now += 9;
      await clock.advance(LOOK);
    }
    expect(watch.blockedMs()).toBe(0);
  });

  test.each([15, 100, 60_000])(
    "has seen a standstill of %i ms but for what lay before its next look",
    async (ms) => {
      const { clock, watch, standStill } = setUp();
      watch.hold();
      await clock.advance(7);
      clock.now += ms + LOOK;
      const during = watch.blockedMs();
      await clock.advance(0);
      expect([during, watch.blockedMs()]).toEqual([ms + 7, ms + 7]); // known before any timer has fired
      await standStill(ms + LOOK);
      expect(watch.blockedMs()).toBe(2 * ms + 7);
    },
  );

  test("does not count what came while it was not held", async () => {
    const { clock, watch, standStill } = setUp();
    await standStill(1_000);
    watch.hold();
    expect(watch.blockedMs()).toBe(0);
    watch.release();
    await clock.advance(LOOK);
    await standStill(1_000);
    watch.hold();
    expect(watch.blockedMs()).toBe(0);
  });

  test("never takes back what it has counted", async () => {
    const { clock, watch, standStill } = setUp();
    watch.hold();
    let last = 0;
    for (let n = 0; n < 200; n++) {
      if (n % 3 === 0) await standStill((n * 7) % 60);
      else await clock.advance((n * 5) % 40);
      expect(watch.blockedMs()).toBeGreaterThanOrEqual(last);
      last = watch.blockedMs();
    }
    expect(last).toBeGreaterThan(0);
  });

  test("counts on where its timer never fires: time that was faked drops it", async () => {
    const clock = new FakeClock();
    let isFaked = true;
    const watch = new LoopWatch({
      now: () => clock.now,
      startTimer: (ms, callback) => clock.startTimer(ms, isFaked ? () => {} : callback),
      afterTurn: () => {},
    });
    watch.hold();
    isFaked = false;
    await clock.advance(1_000);
    const before = watch.blockedMs();
    await clock.advance(1_000);
    expect(watch.blockedMs()).toBe(before);
  });
});
