import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import { Heartbeat } from "../../src/slot/heartbeat.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const TIMEOUT = 1_000;
/** What the host's own loop does not see of a standstill, at most. */
const UNSEEN = 20;

/** A worker that answers each ping after `delay`, or not at all. */
function setUp({ timeout = TIMEOUT, delay = Number.POSITIVE_INFINITY } = {}) {
  const runtime = new FakeRuntime();
  const { clock } = runtime;
  const worker = { isBusy: true, delay, pings: [] as number[], hungAt: [] as number[] };
  const heartbeat: Heartbeat = new Heartbeat(new LoopWatch(runtime), timeout, {
    isBusy: () => worker.isBusy,
    ping: () => {
      worker.pings.push(clock.now);
      if (Number.isFinite(worker.delay)) clock.startTimer(worker.delay, () => heartbeat.heard());
    },
    onHung: () => void worker.hungAt.push(clock.now),
  });
  return { clock, worker, heartbeat };
}

describe("a heartbeat", () => {
  test("asks nothing before there is something to do, and has no timer", async () => {
    const { clock, worker } = setUp();
    await clock.advance(10 * TIMEOUT);
    expect([clock.pending, worker.pings, worker.hungAt]).toEqual([0, [], []]);
  });

  test("asks nothing at all without a time limit", async () => {
    const { clock, worker, heartbeat } = setUp({ timeout: Number.POSITIVE_INFINITY });
    heartbeat.begin();
    expect([clock.pending, worker.pings]).toEqual([0, []]);
  });

  test("asks every half of its time while the worker answers and is busy", async () => {
    const { clock, worker, heartbeat } = setUp({ delay: 10 });
    heartbeat.begin();
    await clock.advance(5 * TIMEOUT);
    expect(worker.pings).toEqual(Array.from({ length: 11 }, (_, i) => (i * TIMEOUT) / 2));
    expect(worker.hungAt).toEqual([]);
  });

  test("comes to an end at moments that are no whole milliseconds", async () => {
    for (let tenths = 1; tenths < 300; tenths++) {
      const { clock, worker, heartbeat } = setUp({ timeout: 30 });
      clock.now = tenths / 10;
      heartbeat.begin();
      await clock.advance(200);
      expect(worker.hungAt).toHaveLength(1);
    }
  });

  test("is begun once, however many tasks come", async () => {
    const { clock, worker, heartbeat } = setUp({ delay: 10 });
    for (let i = 0; i < 5; i++) heartbeat.begin();
    expect([worker.pings.length, clock.pending]).toEqual([1, 3]); // its time, the look at the host's loop, the answer
  });

  test("is silent once the worker has nothing to do, and begins again with the next task", async () => {
    const { clock, worker, heartbeat } = setUp({ delay: 10 });
    heartbeat.begin();
    await clock.advance(100);
    worker.isBusy = false;
    await clock.advance(TIMEOUT);
    expect([clock.pending, worker.pings]).toEqual([0, [0]]);
    await clock.advance(100 * TIMEOUT);
    worker.isBusy = true;
    heartbeat.begin();
    await clock.advance(TIMEOUT / 2 + 1);
    expect(worker.pings).toHaveLength(3);
    expect(worker.hungAt).toEqual([]);
  });

  test("tells a worker that answers nothing for the whole time, once", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    await clock.advance(TIMEOUT - 1);
    expect(worker.hungAt).toEqual([]);
    await clock.advance(1);
    expect(worker.hungAt).toEqual([TIMEOUT]);
    await clock.advance(10 * TIMEOUT);
    expect([worker.hungAt.length, worker.pings.length, clock.pending]).toEqual([1, 1, 0]);
  });

  test("tells a worker that stops answering later", async () => {
    const { clock, worker, heartbeat } = setUp({ delay: 10 });
    heartbeat.begin();
    await clock.advance(10 * TIMEOUT + 20);
    worker.delay = Number.POSITIVE_INFINITY;
    await clock.advance(2 * TIMEOUT);
    expect(worker.hungAt).toEqual([10.5 * TIMEOUT + TIMEOUT]);
  });

  test("takes whatever comes for an answer, up to the last moment", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    await clock.advance(TIMEOUT - 1);
    heartbeat.heard();
    await clock.advance(TIMEOUT);
    expect(worker.hungAt).toEqual([]);
    await clock.advance(1);
    expect(worker.hungAt).toHaveLength(1); // and asks anew from then on
  });

  test("does not tell a worker whose answers wait while the host's own loop was held up", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    clock.now += 60 * TIMEOUT; // no timer fires, nothing is read
    await clock.advance(0);
    expect(worker.hungAt).toEqual([]);
    heartbeat.heard();
    await clock.advance(TIMEOUT / 2);
    expect([worker.hungAt, worker.pings.length]).toEqual([[], 2]);
  });

  test("does not tell one at once whose time is over when the host's own loop turns again", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    await clock.advance(TIMEOUT - 1);
    clock.now += 60 * TIMEOUT;
    await clock.advance(0);
    expect(worker.hungAt).toEqual([]);
    heartbeat.heard();
    await clock.advance(TIMEOUT / 2);
    expect([worker.hungAt, worker.pings.length]).toEqual([[], 2]);
  });

  test("tells a worker that is hung also when the host's own loop was held up, and does not count that time", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    clock.now += 60 * TIMEOUT;
    await clock.advance(TIMEOUT - UNSEEN - 1);
    expect(worker.hungAt).toEqual([]);
    await clock.advance(UNSEEN + 1);
    expect(worker.hungAt).toHaveLength(1);
  });

  test("does not tell one that has finished at the last moment", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    await clock.advance(TIMEOUT - 1);
    worker.isBusy = false;
    await clock.advance(TIMEOUT);
    expect([worker.hungAt, clock.pending]).toEqual([[], 0]);
  });

  test("ends with its worker", async () => {
    const { clock, worker, heartbeat } = setUp();
    heartbeat.begin();
    heartbeat.end();
    await clock.advance(10 * TIMEOUT);
    expect([worker.hungAt, clock.pending]).toEqual([[], 0]);
  });

  test("never tells a worker that answers within half its time, and always one that stops, in time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: TIMEOUT / 2 - 1 }),
        fc.nat(5 * TIMEOUT),
        async (delay, stopsAt) => {
          const { clock, worker, heartbeat } = setUp({ delay });
          heartbeat.begin();
          await clock.advance(stopsAt);
          expect(worker.hungAt).toEqual([]);
          worker.delay = Number.POSITIVE_INFINITY;
          await clock.advance(3 * TIMEOUT);
          expect(worker.hungAt).toHaveLength(1);
          expect((worker.hungAt[0] as number) - stopsAt).toBeLessThanOrEqual(1.5 * TIMEOUT);
          expect((worker.hungAt[0] as number) - (worker.pings.at(-1) as number)).toBeGreaterThanOrEqual(
            TIMEOUT,
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
