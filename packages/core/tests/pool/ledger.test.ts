/** Counts of calls, and what keeps the host alive: ledger.ts and keep-alive.ts. */
import { describe, expect, test } from "vitest";
import { KeepAlive } from "../../src/pool/keep-alive.ts";
import { Ledger, type LedgerReports } from "../../src/pool/ledger.ts";
import type { Runtime } from "../../src/port/runtime.ts";
import type { Task } from "../../src/task/task.ts";
import { FakeClock } from "../support/fake-clock.ts";

function setUp() {
  const clock = new FakeClock();
  const keepAlive = new KeepAlive({
    startTimer: (ms: number, callback: () => void) => clock.startTimer(ms, callback),
  } as Runtime);
  const isHeld = () => clock.referenced.size > 0;
  return { clock, keepAlive, isHeld };
}

describe("the ledger", () => {
  test("counts what was accepted and what became of it, and holds the host meanwhile", () => {
    const { keepAlive, isHeld } = setUp();
    const [task, results] = [{ name: "add" } as Task, [] as unknown[]];
    let idle = 0;
    const ledger = new Ledger(keepAlive, {
      clock: { now: () => 0 },
      events: {
        hasListeners: (event) => event === "result",
        emit: (_, { error }: { error?: unknown }) => void results.push(error),
      } as LedgerReports["events"],
      trace: undefined,
      onIdle: () => idle++,
    });
    ledger.onAccepted();
    ledger.onAccepted();
    expect([ledger.pending, ledger.submitted, isHeld()]).toEqual([2, 2, true]);
    ledger.onSettled(task, true, undefined);
    expect(idle).toBe(0);
    ledger.onSettled(task, false, "no");
    expect([idle, results]).toEqual([1, [undefined, "no"]]);
    const { pending, submitted, completed, failed } = ledger;
    expect([pending, submitted, completed, failed, isHeld()]).toEqual([0, 2, 1, 1, false]);
  });
});

describe("the host is kept alive", () => {
  test("for as long as the last who waits, whatever becomes of it", async () => {
    const { keepAlive, isHeld } = setUp();
    let fail = (_: Error) => {};
    const waiting = keepAlive.during(
      new Promise((_, reject) => {
        fail = reject;
      }),
    );
    const done = keepAlive.during(Promise.resolve("done"));
    expect([isHeld(), await done, isHeld()]).toEqual([true, "done", true]);
    fail(new Error("no"));
    await expect(waiting).rejects.toThrow("no");
    expect(isHeld()).toBe(false);
  });

  test("also beyond the longest time that a timer has", async () => {
    const { clock, keepAlive, isHeld } = setUp();
    keepAlive.hold();
    await clock.advance(2 ** 31);
    expect(isHeld()).toBe(true);
    keepAlive.dispose();
    expect(clock.pending).toBe(0);
  });
});
