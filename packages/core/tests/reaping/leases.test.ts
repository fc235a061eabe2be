/** Leases on a fake clock: when there is a keeper and a timer, what the table says, what happens after a standstill. */
import { describe, expect, test } from "vitest";
import type { Command, ProcessEvents } from "../../src/port/runtime.ts";
import { KEEPER_SCRIPT } from "../../src/reaping/keeper-script.ts";
import { Leases } from "../../src/reaping/leases.ts";
import { OUTLIVES } from "../../src/reaping/mark.ts";
import { FakeGuard } from "../support/fake-guard.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const MARK = "REAPOOL_0a1b2c3d4e";
const KILLED = { code: null, signal: "SIGKILL" };

function setUp() {
  const runtime = new FakeRuntime();
  const keepers: FakeGuard[] = [];
  const failure: { error: unknown } = { error: undefined };
  const spawn = (command: Command, events: ProcessEvents) => {
    if (failure.error !== undefined) {
      queueMicrotask(() => events.onExit({ code: null, signal: null, error: failure.error }));
      return { pid: undefined, signal: () => false };
    }
    const keeper = new FakeGuard(500 + keepers.length, command, events, false);
    keepers.push(keeper);
    return keeper;
  };
  const guarded = new Set<number>();
  const guard = {
    add: (group: number) => void guarded.add(group),
    remove: (group: number) => void guarded.delete(group),
    startOf: (group: number) => (group === 8 ? "" : `${group}00`),
  };
  let folder = runtime.makeFolder().path;
  const leases = new Leases(runtime, spawn, guard, MARK, () => folder);
  const lapsed: string[] = [];
  const add = (group: number, ms: number, ending?: { mark: number } | { cgroup: string }) =>
    leases.add({ group, ms, ending }, ({ message }) => lapsed.push(`${group}: ${message}`));
  const lines = (of = folder) =>
    new TextDecoder()
      .decode(runtime.readFile(`${of}/leases`) ?? new Uint8Array())
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  return {
    runtime,
    clock: runtime.clock,
    keepers,
    failure,
    guarded,
    leases,
    lapsed,
    add,
    lines,
    /** The number of the keeper that is wanted, and the count of signs of life. */
    beats: () => (lines()[0] ?? "").split(" ").slice(1).map(Number) as [number, number],
    folder: () => folder,
    move: () => {
      folder = runtime.makeFolder().path;
    },
  };
}

describe("a keeper", () => {
  test("is there only when a call runs, with the table and its line on the guard's", () => {
    const { add, keepers, clock, lines, folder, guarded } = setUp();
    const lease = add(7, 4_000, { mark: 3 });
    add(8, 2_000);
    add(9, 3_000, { cgroup: "12" });
    expect(keepers).toEqual([]);
    expect(clock.pending).toBe(0);
    expect(lines()).toEqual([]);
    lease.hold();
    expect(keepers.map(({ command }) => command)).toEqual([
      {
        file: "/bin/sh",
        args: ["-c", KEEPER_SCRIPT, "reapool-keeper", folder(), MARK, "1", "1", "1000"],
        env: OUTLIVES,
        cwd: "/",
        stdout: "ignore",
        stderr: "ignore",
      },
    ]);
    expect(lines()).toEqual([
      expect.stringMatching(/^beats 1 \d+$/),
      "1 7 3 4000 700 ;",
      "0 8 - 2000 - ;",
      "0 9 c12 3000 900 ;",
    ]);
    expect(clock.pending).toBe(1);
    expect([...guarded]).toEqual([500]);
  });

  test("and the timer rest when no call has run from one look to the next; the line at once", async () => {
    const { add, keepers, clock, lines, beats } = setUp();
    const lease = add(7, 1_000);
    lease.hold();
    await clock.advance(10_000);
    expect(beats()[0]).toBe(1);
    lease.rest();
    expect(lines()[1]).toBe("0 7 - 1000 700 ;");
    await clock.advance(500);
    expect(beats()[0]).toBe(0);
    expect(clock.pending).toBe(0);
    lease.hold();
    expect(keepers).toHaveLength(2);
    expect(beats()[0]).toBe(2);
  });

  test("is one for many short calls", async () => {
    const { add, keepers, clock } = setUp();
    const lease = add(7, 1_000);
    for (let i = 0; i < 100; i++) {
      lease.hold();
      lease.hold();
      await clock.advance(7);
      lease.rest();
      await clock.advance(100);
    }
    expect(keepers).toHaveLength(1);
  });

  test("is another, which looks more often, for a shorter lease than it was made for", () => {
    const { add, keepers } = setUp();
    for (const ms of [600_000, 3_000, 2_000, 8_000]) add(ms, ms).hold();
    expect(keepers.map(({ command }) => command.args.slice(-2))).toEqual([
      ["1", "1000"],
      ["0.75", "750"],
      ["0.5", "500"],
    ]);
  });

  test("is replaced when something kills it, and told of all in a folder that was made anew", async () => {
    const { add, keepers, clock, lines, move, folder, guarded } = setUp();
    add(7, 1_000).hold();
    const old = folder();
    move();
    keepers[0]?.end(KILLED);
    await clock.advance(300);
    expect(keepers).toHaveLength(2);
    expect([...guarded]).toEqual([501]);
    expect(keepers[1]?.command.args[3]).toBe(folder());
    expect(lines(old)[0]).toMatch(/^beats 0 /);
    expect(lines()).toEqual([expect.stringMatching(/^beats 2 /), "1 7 - 1000 700 ;"]);
  });

  test("is killed when the last pool is closed, which waits for its end", async () => {
    const { add, keepers, clock, leases } = setUp();
    await leases.close();
    add(7, 1_000).hold();
    await leases.close();
    expect(keepers[0]?.signals).toEqual(["SIGKILL"]);
    expect(clock.pending).toBe(0);
  });

  test("that can't be had costs a warning, and no call", async () => {
    const { add, failure, clock, runtime } = setUp();
    failure.error = new Error("spawn /bin/sh ENOENT");
    const lease = add(7, 1_000);
    lease.hold();
    await clock.advance(5_000);
    lease.rest();
    expect(runtime.warnings).toEqual([
      expect.stringMatching(/`worker\.lease` can't be kept \(spawn \/bin\/sh ENOENT\)/),
    ]);
    runtime.script.writeError = new Error("ENOSPC");
    add(9, 1_000).hold();
    expect(runtime.warnings).toHaveLength(1);
  });
});

describe("the host", () => {
  test("gives a sign of life with each look, and when a call begins", async () => {
    const { add, clock, beats } = setUp();
    const [one, other] = [add(7, 1_000), add(9, 1_000)];
    one.hold();
    const [, first] = beats();
    other.hold();
    expect(beats()[1]).toBe(first + 1);
    await clock.advance(250);
    expect(beats()[1]).toBe(first + 2);
  });

  test("that was away for longer than a lease finds it, unless the call has ended meanwhile", async () => {
    const { add, clock, lapsed } = setUp();
    const [late, answered, patient] = [add(7, 1_000), add(9, 1_000), add(11, 3_000)];
    for (const lease of [late, answered, patient]) lease.hold();
    await clock.advance(10_000);
    expect(lapsed).toEqual([]);
    clock.now += 1_900; // nothing ran
    clock.startTimer(0, () => answered.rest()); // what had come is read behind the timers that were due
    await clock.advance(0);
    await clock.advance(1);
    expect(lapsed).toEqual([
      expect.stringMatching(/^7: Expected a sign of life of the host within each 1000 ms .* none for \d+ ms/),
    ]);
    await clock.advance(10_000);
    expect(lapsed).toHaveLength(1); // it lives again
  });

  test("that was away for less finds nothing", async () => {
    const { add, clock, lapsed } = setUp();
    add(7, 1_000).hold();
    for (let i = 0; i < 10; i++) {
      clock.now += 700;
      await clock.advance(1);
    }
    expect(lapsed).toEqual([]);
  });
});

describe("the end of a worker", () => {
  test("is that of its lease if the keeper says so", () => {
    const { add, runtime, folder, lines } = setUp();
    const [own, other, exited] = [add(7, 1_000), add(9, 1_000), add(11, 1_000)];
    for (const lease of [own, other, exited]) lease.hold();
    for (const group of [7, 11]) runtime.openFile(`${folder()}/lapsed-${group}`).close();
    expect(own.end(KILLED)?.message).toMatch(/within each 1000 ms \(worker\.lease\).*received none\./);
    expect(other.end(KILLED)).toBeUndefined();
    expect(exited.end({ code: 3, signal: null })).toBeUndefined();
    expect(runtime.readFile(`${folder()}/lapsed-7`)).toBeUndefined();
    expect(lines()).toHaveLength(1);
    add(13, 1_000); // takes the first line that is free
    expect(lines()).toEqual([expect.stringMatching(/^beats/), "0 13 - 1000 1300 ;"]);
  });
});
