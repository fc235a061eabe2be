/** When a worker that has tasks and says nothing is looked at. */
import { describe, expect, test } from "vitest";
import { QuietWatch } from "../../src/slot/quiet-watch.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const FIRST = 10;
const SLOWEST = 160;

function setUp() {
  const runtime = new FakeRuntime();
  const { clock } = runtime;
  const worker = { isBusy: true, has: 0, looks: [] as number[], onLook: () => {} };
  const watch: QuietWatch = new QuietWatch(runtime, {
    isBusy: () => worker.isBusy,
    look: () => {
      worker.looks.push(clock.now);
      worker.onLook();
      return worker.has-- > 0;
    },
  });
  return { clock, worker, watch };
}

describe("a watch over a worker that may go quiet", () => {
  test("has no timer before the worker has something to do", () => {
    expect(setUp().clock.pending).toBe(0);
  });

  test("looks soon, then ever more rarely, and never more so than at its slowest", async () => {
    const { clock, worker, watch } = setUp();
    watch.begin();
    await clock.advance(1_000);
    expect(worker.looks).toEqual([10, 30, 70, 150, 310, 470, 630, 790, 950]);
  });

  test("looks soon again after it has found something", async () => {
    const { clock, worker, watch } = setUp();
    watch.begin();
    await clock.advance(310);
    worker.has = 2;
    await clock.advance(SLOWEST + 3 * FIRST);
    expect(worker.looks.slice(5)).toEqual([470, 480, 490]);
  });

  test("looks soon again after the worker was heard, and not at all while it talks", async () => {
    const { clock, worker, watch } = setUp();
    watch.begin();
    await clock.advance(310);
    worker.looks = [];
    for (let n = 0; n < 60; n++) {
      watch.heard();
      await clock.advance(5);
    }
    expect(worker.looks).toEqual([]);
    await clock.advance(2 * FIRST);
    expect(worker.looks.length).toBeGreaterThan(0);
  });

  test("is begun once, however many tasks come, and soon again with the next after it was idle", async () => {
    const { clock, worker, watch } = setUp();
    for (let n = 0; n < 5; n++) watch.begin();
    expect(clock.pending).toBe(1);
    await clock.advance(500);
    worker.isBusy = false;
    await clock.advance(SLOWEST);
    expect(clock.pending).toBe(0);
    worker.isBusy = true;
    worker.looks = [];
    watch.begin();
    const from = clock.now;
    await clock.advance(FIRST);
    expect(worker.looks).toEqual([from + FIRST]);
  });

  test("does not look at one that has nothing to do any more", async () => {
    const { clock, worker, watch } = setUp();
    watch.begin();
    worker.isBusy = false;
    await clock.advance(1_000);
    expect([worker.looks, clock.pending]).toEqual([[], 0]);
  });

  test("ends with its worker, also by what a look has found", async () => {
    for (const how of ["between two looks", "by a look"]) {
      const { clock, worker, watch } = setUp();
      watch.begin();
      const end = () => {
        worker.isBusy = false;
        watch.end();
      };
      if (how === "by a look") worker.onLook = end;
      else end();
      await clock.advance(1_000);
      expect([worker.looks.length, clock.pending]).toEqual([how === "by a look" ? 1 : 0, 0]);
    }
  });

  test("has one timer where a look has brought the next task", async () => {
    const { clock, worker, watch } = setUp();
    watch.begin();
    worker.onLook = () => watch.begin();
    await clock.advance(FIRST);
    expect(clock.pending).toBe(1);
  });
});
