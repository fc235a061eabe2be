/** What is asked of a guard: each look is answered, whatever becomes of the guard. On a fake runtime. */
import { describe, expect, test } from "vitest";
import { Guard } from "../../src/reaping/guard.ts";
import { settled } from "../support/fake-clock.ts";
import type { FakeGuard } from "../support/fake-guard.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

function setUp() {
  const runtime = new FakeRuntime();
  const guard = new Guard(runtime, (command, events) => runtime.spawn(command, events), "REAPOOL_abc");
  const last = () => runtime.guards.at(-1) as FakeGuard;
  const kill = async () => {
    last().end({ code: null, signal: "SIGKILL" });
    await settled();
  };
  const newFolder = () => runtime.makeFolder().path;
  return { runtime, clock: runtime.clock, guard, folder: newFolder(), newFolder, last, kill };
}

describe("a look", () => {
  /** Asks for this one; says what has been answered by now. */
  function looking(guard: Guard) {
    const answered: string[] = [];
    const look = (values: string, ...roots: string[]) =>
      guard.look("5", values, roots, () => void answered.push(values));
    return { answered, look };
  }
  const looksOf = ({ told }: FakeGuard) => told.filter((line) => line.startsWith("LOOK"));

  test("is one line, and is answered by its number", async () => {
    const { guard, folder, last } = setUp();
    const { answered, look } = looking(guard);
    guard.open(folder);
    last().isMute = true;
    look("1|2", "7:5:9", "8:6");
    look("3");
    expect(looksOf(last())).toEqual(["LOOK 1 5 1|2 7:5:9 8:6", "LOOK 2 5 3"]);
    last().say("2");
    expect(answered).toEqual([]); // the line is not whole
    last().say("\n9\nnonsense\n\n2\n1");
    expect(answered).toEqual(["3"]);
    last().say("\n");
    expect(answered).toEqual(["3", "1|2"]);
  });

  test("that was not answered is asked of the next guard", async () => {
    const { clock, guard, folder, last, kill } = setUp();
    const { answered, look } = looking(guard);
    guard.open(folder);
    look("1");
    await settled();
    last().isMute = true;
    look("2");
    last().say("3");
    await kill();
    look("3"); // while there is none
    expect(answered).toEqual(["1"]);
    await clock.advance(0);
    expect(looksOf(last())).toEqual(["LOOK 2 5 2", "LOOK 3 5 3"]);
    expect(answered).toEqual(["1", "2", "3"]);
  });

  test("that was not answered is asked of the one that has another folder", async () => {
    const { guard, folder, newFolder, last } = setUp();
    const { answered, look } = looking(guard);
    guard.open(folder);
    last().isMute = true;
    look("1");
    guard.open(newFolder());
    await settled();
    expect([looksOf(last()), answered]).toEqual([["LOOK 1 5 1"], ["1"]]);
  });

  test("is answered at once where there is no guard", async () => {
    const { runtime, guard, folder } = setUp();
    const { answered, look } = looking(guard);
    look("before");
    expect(answered).toEqual(["before"]);
    runtime.script.guardError = Object.assign(new Error("spawn /bin/sh ENOENT"), { code: "ENOENT" });
    guard.open(folder);
    look("meanwhile");
    await settled();
    look("after");
    expect(answered).toEqual(["before", "meanwhile", "after"]);
  });

  test("is answered when the guard is closed", async () => {
    const { clock, guard, folder, last } = setUp();
    const { answered, look } = looking(guard);
    guard.open(folder);
    last().isMute = true;
    look("1");
    const closing = guard.close();
    expect(answered).toEqual(["1"]);
    await clock.advance(500);
    await closing;
  });

  test("that is not over when the guard is closed comes to its end, for which close() does not wait long", async () => {
    const { clock, runtime, guard, folder, newFolder, last } = setUp();
    guard.open(folder);
    const first = last();
    first.isMute = true;
    guard.look("", "1", [], () => {});
    guard.endCgroup("/c", () => {});
    let isClosed = false;
    const closing = guard.close().then(() => {
      isClosed = true;
    });
    await clock.advance(499);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    await closing;
    expect([first.told, first.signals]).toEqual([["LOOK 1 0 1", "CGROUP 2 /c", "quit"], []]);
    guard.open(newFolder());
    first.end({ code: 0, signal: null }); // and brings no other
    await clock.advance(60_000);
    expect(runtime.guards.map(({ isAlive }) => isAlive)).toEqual([false, true]);
    await guard.close();
    expect([last().signals, clock.pending]).toEqual([["SIGKILL"], 0]);
  });

  test("is the last of a guard that may not be signalled: it quits, and leaves the workers of the next alone", async () => {
    const { guard, folder, newFolder, last } = setUp();
    guard.open(folder);
    const first = last();
    first.isForbidden = true;
    guard.open(newFolder());
    expect([first.told, first.signals]).toEqual([["quit"], ["SIGKILL"]]);
    first.end({ code: 0, signal: null });
    const second = last();
    second.isForbidden = true;
    const closing = guard.close();
    expect(second.told).toEqual(["quit"]);
    second.end({ code: 0, signal: null });
    await closing;
  });

  test("never comes to an end where something has stopped the guard: that is killed", async () => {
    const { runtime, guard, folder, last } = setUp();
    guard.open(folder);
    last().isMute = true;
    guard.look("", "1", [], () => {});
    const stat = `${last().pid} (sh) T 1 1 1 0`;
    runtime.openFile(`/proc/${last().pid}/stat`).write(new TextEncoder().encode(stat), 0);
    await guard.close();
    expect(last().signals).toEqual(["SIGKILL"]);
  });
});
