import { describe, expect, test } from "vitest";
import { MemoryWatch } from "../../src/slot/memory-watch.ts";
import { fakeProc } from "../support/fake-proc.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const NONE = Number.POSITIVE_INFINITY;
const KIB = 1024;

/** A worker of which each look finds so much memory, in KiB. */
function setUp({ ceiling = NONE, recycle = NONE } = {}) {
  const runtime = new FakeRuntime();
  const worker = { pid: 7 as number | undefined, isBusy: true, resident: 1 };
  const told: [string, number?][] = [];
  let looks = 0;
  const proc = fakeProc(() => [{ pid: 7, resident: worker.resident }]);
  runtime.proc = {
    ...proc,
    readFile: (path) => {
      if (path.endsWith("/status")) looks++;
      return proc.readFile(path);
    },
  };
  const watch = new MemoryWatch(
    runtime,
    { ceiling, recycle },
    {
      pid: () => worker.pid,
      isBusy: () => worker.isBusy,
      onOverCeiling: (bytes) => void told.push(["ceiling", bytes]),
      onOverRecycle: () => void told.push(["recycle"]),
    },
  );
  return {
    clock: runtime.clock,
    worker,
    told,
    watch,
    get looks() {
      return looks;
    },
  };
}

describe("a watch over a worker's memory", () => {
  test("has no timer before there is something to do, nor ever without a limit", async () => {
    const idle = setUp({ ceiling: KIB });
    await idle.clock.advance(10_000);
    expect([idle.clock.pending, idle.looks]).toEqual([0, 0]);
    const unlimited = setUp();
    unlimited.watch.begin();
    expect(unlimited.clock.pending).toBe(0);
  });

  test.each([
    ["ten times a second against a ceiling", { ceiling: 9 * KIB }, 10],
    ["ten times a second against both", { ceiling: 9 * KIB, recycle: 9 * KIB }, 10],
    ["once a second against the limit of `recycle`", { recycle: 9 * KIB }, 1],
  ])("looks %s", async (_, limits, perSecond) => {
    const watched = setUp(limits);
    watched.watch.begin();
    watched.watch.begin();
    await watched.clock.advance(3_000);
    expect([watched.looks, watched.told]).toEqual([3 * perSecond, []]);
  });

  test("looks once more after the last task, and is then silent until the next", async () => {
    const watched = setUp({ ceiling: 9 * KIB });
    watched.watch.begin();
    await watched.clock.advance(50);
    watched.worker.isBusy = false;
    await watched.clock.advance(10_000);
    expect([watched.looks, watched.clock.pending]).toEqual([1, 0]);
    watched.worker.isBusy = true;
    watched.watch.begin();
    await watched.clock.advance(200);
    expect(watched.looks).toBe(3);
  });

  test("tells what is above the ceiling, with the bytes, once", async () => {
    const watched = setUp({ ceiling: 8 * KIB, recycle: 8 * KIB });
    watched.watch.begin();
    watched.worker.resident = 8;
    await watched.clock.advance(500);
    expect(watched.told).toEqual([]); // at the limit is not above it
    watched.worker.resident = 9;
    await watched.clock.advance(10_000);
    expect([watched.told, watched.clock.pending]).toEqual([[["ceiling", 9 * KIB]], 0]);
  });

  test("tells what is above the limit of `recycle`, and goes on: the ceiling holds as well", async () => {
    const watched = setUp({ ceiling: 20 * KIB, recycle: 8 * KIB });
    watched.watch.begin();
    watched.worker.resident = 9;
    await watched.clock.advance(100);
    expect(watched.told).toEqual([["recycle"]]);
    watched.worker.resident = 21;
    await watched.clock.advance(100);
    expect(watched.told.at(-1)).toEqual(["ceiling", 21 * KIB]);
  });

  test("finds what a task left behind after its end", async () => {
    const watched = setUp({ recycle: 8 * KIB });
    watched.watch.begin();
    watched.worker.isBusy = false;
    watched.worker.resident = 9;
    await watched.clock.advance(1_000);
    expect(watched.told).toEqual([["recycle"]]);
  });

  test.each<[string, (watched: ReturnType<typeof setUp>) => void]>([
    ["without a process", ({ worker }) => (worker.pid = undefined)],
    ["of a process that is gone", ({ worker }) => (worker.pid = 8)],
  ])("tells nothing %s", async (_, change) => {
    const watched = setUp({ ceiling: 0, recycle: 0 });
    change(watched);
    watched.watch.begin();
    await watched.clock.advance(1_000);
    expect(watched.told).toEqual([]);
  });

  test("ends with its worker", async () => {
    const watched = setUp({ ceiling: 0 });
    watched.watch.begin();
    watched.watch.end();
    await watched.clock.advance(1_000);
    expect([watched.told, watched.clock.pending]).toEqual([[], 0]);
  });
});
