import { describe, expect, test } from "vitest";
import { LoopWatch } from "../../src/host/loop-watch.ts";
import { resolveOptions } from "../../src/options/pool-options.ts";
import { Vigil } from "../../src/slot/vigil.ts";
import { fakeProc } from "../support/fake-proc.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const MIB = 2 ** 20;

function setUp(input: Parameters<typeof resolveOptions>[0], memoryLimit = Number.POSITIVE_INFINITY) {
  const runtime = new FakeRuntime();
  const worker = { isBusy: true, resident: 1, pings: 0, looks: 0 };
  runtime.proc = fakeProc(() => [{ pid: runtime.pid }, { pid: 7, resident: worker.resident }]);
  const told: unknown[] = [];
  const vigil = new Vigil(
    { runtime, loop: new LoopWatch(runtime) },
    resolveOptions(input, runtime),
    memoryLimit,
    {
      pid: () => 7,
      isBusy: () => worker.isBusy,
      ping: () => void worker.pings++,
      look: () => {
        worker.looks++;
        return false;
      },
      onIntolerable: (reason, error) =>
        void told.push(error === undefined ? reason : [reason, error.message]),
      onDue: () => void told.push("due"),
      onSpent: () => void told.push("spent"),
    },
  );
  return { vigil, worker, told, clock: runtime.clock };
}

describe("a vigil over a worker", () => {
  test("without limits has no timer, but for the look into the journal of one that is busy", async () => {
    const { vigil, clock, told, worker } = setUp({});
    vigil.onReady(5);
    expect(clock.pending).toBe(0);
    vigil.onTask(1);
    vigil.onFinished(1_000_000);
    expect([clock.pending, told, worker.pings, worker.looks]).toEqual([1, [], 0, 0]);
    await clock.advance(100);
    expect([clock.pending, told, worker.pings, worker.looks > 0]).toEqual([1, [], 0, true]);
    worker.isBusy = false;
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
  });

  test("with every limit but the age has none while the worker is idle", async () => {
    const { vigil, clock, worker } = setUp({ hangTimeout: 1_000, recycle: { tasks: 5, rss: MIB } }, MIB);
    vigil.onReady(5);
    expect(clock.pending).toBe(0);
    vigil.onTask(1);
    expect(clock.pending).toBe(4); // its journal, its answers, its memory, and how the host's own loop turns
    vigil.onHeard();
    worker.isBusy = false;
    await clock.advance(10_000);
    expect(clock.pending).toBe(0);
  });

  test("looks into its journal only where nothing comes by itself", async () => {
    const { vigil, clock, worker } = setUp({});
    vigil.onTask(1);
    for (let i = 0; i < 100; i++) {
      vigil.onHeard();
      await clock.advance(10);
    }
    expect(worker.looks).toBe(0);
    await clock.advance(20);
    expect(worker.looks).toBeGreaterThan(0);
  });

  test("finds one that answers nothing, and not one that does", async () => {
    const { vigil, clock, told } = setUp({ hangTimeout: 1_000 });
    vigil.onTask(1);
    for (let i = 0; i < 10; i++) {
      await clock.advance(499);
      vigil.onHeard();
    }
    expect(told).toEqual([]);
    await clock.advance(2_000);
    expect(told).toEqual(["hung"]);
  });

  test("finds one above its memory limit, and says so in numbers", async () => {
    const { vigil, clock, told, worker } = setUp({}, 100 * MIB);
    vigil.onTask(1);
    worker.resident = 200 * 1024;
    await clock.advance(100);
    expect(told).toEqual([["memory", "It used 200 MiB of memory, over its worker.limits.memory of 100 MiB"]]);
  });

  test("finds one to recycle by its memory", async () => {
    const { vigil, clock, told, worker } = setUp({ recycle: { rss: 100 * MIB, jitter: 0 } });
    vigil.onTask(1);
    worker.resident = 101 * 1024;
    await clock.advance(1_000);
    expect(told).toEqual(["due"]);
  });

  test("finds one to recycle by its age, counted from its start, also when it is idle", async () => {
    const { vigil, clock, told, worker } = setUp({ recycle: { age: 1_000, jitter: 0 } });
    worker.isBusy = false;
    vigil.onReady(400);
    await clock.advance(599);
    expect(told).toEqual([]);
    await clock.advance(1);
    expect([told, clock.pending]).toEqual([["due"], 0]);
  });

  test("finds at once one that was past its age when it was ready", async () => {
    const { vigil, clock, told } = setUp({ recycle: { age: 1_000, jitter: 0 } });
    vigil.onReady(5_000);
    await clock.advance(0);
    expect(told).toEqual(["due"]);
  });

  test.each([
    [2, []],
    [3, ["due"]],
    [5, ["due"]],
    [6, ["due", "spent"]],
  ])("finds one to recycle by its tasks: of 3, after %d", (tasks, expected) => {
    const { vigil, told } = setUp({ recycle: { tasks: 3, jitter: 0 } });
    vigil.onFinished(tasks);
    expect(told).toEqual(expected);
  });

  test("ends with its worker", async () => {
    const { vigil, clock, told } = setUp({ hangTimeout: 10, recycle: { age: 1_000 } }, 1);
    vigil.onReady(0);
    vigil.onTask(1);
    expect(clock.pending).toBe(5);
    vigil.end();
    await clock.advance(10_000);
    expect([clock.pending, told]).toEqual([0, []]);
  });
});
