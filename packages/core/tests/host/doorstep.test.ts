/** How many connections wait for their Hello, and for how long. */
import { describe, expect, test } from "vitest";
import { Doorstep } from "../../src/host/doorstep.ts";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import type { Channel } from "../../src/port/runtime.ts";
import { FakeClock } from "../support/fake-clock.ts";

function setUp(expected = 0) {
  const clock = new FakeClock();
  const turns: (() => void)[] = [];
  const runtime = {
    startTimer: (ms: number, callback: () => void) => clock.startTimer(ms, callback),
    now: () => clock.now,
    afterTurn: (callback: () => void) => {
      turns.push(callback);
      clock.startTimer(1, turn);
    },
  };
  const turn = () => {
    for (const callback of turns.splice(0)) callback();
  };
  const doorstep = new Doorstep(new LoopWatch(runtime), () => expected);
  const closed: number[] = [];
  let count = 0;
  const knock = () => {
    const id = ++count;
    const channel: Channel = { write: () => {}, unsent: 0, close: () => void closed.push(id) };
    return doorstep.add(channel);
  };
  return { clock, doorstep, knock, turn, closed };
}

describe("a connection without a Hello", () => {
  test("is closed after ten seconds", async () => {
    const { clock, knock, closed } = setUp();
    const waiting = knock();
    await clock.advance(9_999);
    expect(closed).toEqual([]);
    await clock.advance(2); // its turn
    expect([closed, waiting.isRejected]).toEqual([[1], true]);
  });

  test("is given as long when the host was away meanwhile", async () => {
    const { clock, knock, closed } = setUp();
    knock();
    await clock.advance(5_000);
    clock.now += 60_000;
    await clock.advance(4_900);
    expect(closed).toEqual([]);
    await clock.advance(200);
    expect(closed).toEqual([1]);
  });

  test("that has been let in or is gone is not, and leaves no timer", async () => {
    const { clock, doorstep, knock, closed } = setUp();
    doorstep.remove(knock());
    await clock.advance(20); // the watch's own
    expect(clock.pending).toBe(0);
    await clock.advance(20_000);
    expect(closed).toEqual([]);
  });
});

describe("of too many", () => {
  test.each([0, 5])("the oldest are closed once the loop has turned, with %i expected", (expected) => {
    const { knock, turn, closed } = setUp(expected);
    for (let i = 0; i < 100; i++) knock();
    expect(closed).toEqual([]);
    turn();
    expect(closed).toEqual(Array.from({ length: 100 - 32 - expected }, (_, i) => i + 1));
  });

  test("one that says its Hello within the turn is let in", () => {
    const { doorstep, knock, turn, closed } = setUp();
    const worker = knock();
    for (let i = 0; i < 100; i++) knock();
    doorstep.remove(worker);
    turn();
    expect([worker.isRejected, closed.length]).toEqual([false, 68]);
    expect(closed).not.toContain(1);
  });

  test("those of one turn are bounded too, and nothing is left of a flood", async () => {
    const { clock, knock, turn, closed } = setUp();
    for (let i = 0; i < 10_000; i++) knock();
    expect(10_000 - closed.length).toBe(288);
    turn();
    await clock.advance(10_100);
    expect([closed.length, clock.pending]).toEqual([10_000, 0]);
  });
});
