/** The guard's life on a fake runtime: when it is started, what is in its table, how it is replaced and ended. */
import { describe, expect, test } from "vitest";
import { Guard } from "../../src/reaping/guard.ts";
import { GUARD_SCRIPT } from "../../src/reaping/guard-script.ts";
import { OUTLIVES } from "../../src/reaping/mark.ts";
import { settled } from "../support/fake-clock.ts";
import type { FakeGuard } from "../support/fake-guard.ts";
import { fakeProc } from "../support/fake-proc.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { groupsOf } from "../support/group-lines.ts";

/** From each death in a row to the next start, in ms; the last is that of all further ones. */
const WAITS = [0, 100, 1_000, 10_000];
const MARK = "REAPOOL_0a1b2c3d4e";
const KILLED = { code: null, signal: "SIGKILL" };

function setUp() {
  const runtime = new FakeRuntime();
  const guard = new Guard(runtime, (command, events) => runtime.spawn(command, events), MARK);
  const last = () => runtime.guards.at(-1) as FakeGuard;
  const kill = async () => {
    last().end(KILLED);
    await settled();
  };
  const newFolder = () => runtime.makeFolder().path;
  const folder = newFolder();
  return {
    runtime,
    clock: runtime.clock,
    guard,
    folder,
    newFolder,
    last,
    kill,
    groups: () => groupsOf(runtime),
  };
}

const refusal = (code: string) => Object.assign(new Error(`spawn /bin/sh ${code}`), { code });

describe("its start", () => {
  test("is that of a shell that answers, which keeps no file system busy and ends with its input", () => {
    const { runtime, guard, folder, last } = setUp();
    guard.open(folder);
    expect(last().command).toEqual({
      file: "/bin/sh",
      args: ["-c", GUARD_SCRIPT, "reapool-guard", folder, MARK],
      env: OUTLIVES,
      cwd: "/",
      stdin: "open",
      stdout: "pipe",
      stderr: "ignore",
    });
    expect(runtime.clock.pending).toBe(0);
  });

  test("comes before anything is in its folder, so that nothing is left of a host that dies meanwhile", () => {
    const { runtime, guard, folder, groups } = setUp();
    const { spawn } = runtime;
    let seen: string[] | undefined = ["not asked"];
    runtime.spawn = (command, events) => {
      seen = groups();
      return spawn.call(runtime, command, events);
    };
    guard.open(folder);
    expect(seen).toBeUndefined();
    expect(groups()).toEqual([]);
  });

  test("comes once, however often it is asked for", async () => {
    const { runtime, guard, folder } = setUp();
    for (let n = 0; n < 3; n++) guard.open(folder);
    await settled();
    guard.open(folder);
    expect(runtime.guards).toHaveLength(1);
  });

  test("does not come by itself", () => {
    const { runtime, guard, groups } = setUp();
    guard.add(7, true);
    guard.remove(7);
    expect([runtime.guards, groups()]).toEqual([[], undefined]);
  });
});

describe("its table", () => {
  test("has each group from its start to its end, with the start of its leader", () => {
    const { runtime, guard, folder, groups } = setUp();
    runtime.proc = fakeProc(() => [
      { pid: 7, start: 193_775 },
      { pid: 8, start: 193_776 },
    ]);
    guard.open(folder);
    for (const group of [7, 8]) guard.add(group, true);
    expect(groups()).toEqual(["7 tree 193775", "8 tree 193776"]);
    guard.remove(7);
    guard.remove(7);
    expect(groups()).toEqual(["8 tree 193776"]);
  });

  test("has the number alone where /proc can't be read", () => {
    const { guard, folder, groups } = setUp();
    guard.open(folder);
    guard.add(7, true);
    expect(groups()).toEqual(["7 tree"]);
  });

  test("that can't be made is warned about once, and tried again at the next opening", async () => {
    const { runtime, clock, guard, folder, groups } = setUp();
    runtime.script.writeError = new Error("ENOSPC: no space left on device");
    for (let n = 0; n < 3; n++) {
      guard.open(folder);
      guard.add(7, true);
      guard.remove(7);
    }
    await clock.advance(60_000);
    expect([runtime.guards.length, groups()]).toEqual([1, []]);
    expect(runtime.warnings).toHaveLength(1);
    expect(runtime.warnings[0]).toMatch(
      /^reapool: this process has no guard \(ENOSPC: no space left on device\)\. .*\/bin\/sh.*TMPDIR/,
    );
    runtime.script.writeError = undefined;
    guard.open(folder);
    guard.add(8, true);
    expect([runtime.guards.length, groups()]).toEqual([1, ["8 tree"]]);
    await guard.close();
  });

  test("that is full later costs a warning, and nothing that was there", async () => {
    const { runtime, guard, folder, groups } = setUp();
    guard.open(folder);
    guard.add(7, true);
    runtime.script.writeError = new Error("ENOSPC");
    guard.add(8, true);
    guard.add(9, true);
    expect(runtime.warnings).toHaveLength(1);
    expect(groups()).toEqual(["7 tree"]);
    expect(runtime.guards).toHaveLength(1);
  });
});

describe("its death", () => {
  test("brings another, for the same table and folder", async () => {
    const { runtime, clock, guard, folder, groups, kill, last } = setUp();
    guard.open(folder);
    guard.add(7, true);
    await kill();
    guard.add(8, true); // while there is none
    guard.remove(7);
    await clock.advance(0);
    expect(runtime.guards).toHaveLength(2);
    expect(last().command.args.at(-2)).toBe(folder);
    expect(groups()).toEqual(["8 tree"]);
  });

  test("again and again makes the next one wait longer, up to ten seconds, and is warned about once", async () => {
    const { runtime, clock, guard, folder, kill } = setUp();
    guard.open(folder);
    for (const [deaths, wait] of [...WAITS, 10_000, 10_000].entries()) {
      await kill();
      if (wait > 0) await clock.advance(wait - 1);
      expect(runtime.guards).toHaveLength(deaths + 1);
      await clock.advance(wait > 0 ? 1 : 0);
      expect(runtime.guards).toHaveLength(deaths + 2);
      expect(runtime.warnings).toHaveLength(deaths + 1 >= WAITS.length ? 1 : 0);
    }
    expect(runtime.warnings[0]).toContain("SIGKILL");
  });

  test("after a second of life is a first one again", async () => {
    const { runtime, clock, guard, folder, kill } = setUp();
    guard.open(folder);
    for (let n = 1; n <= 20; n++) {
      await clock.advance(1_000);
      await kill();
      await clock.advance(0);
      expect(runtime.guards).toHaveLength(n + 1);
    }
    expect(runtime.warnings).toEqual([]);
  });

  test("does not keep the host alive while the next one waits", async () => {
    const { clock, guard, folder, kill } = setUp();
    guard.open(folder);
    await kill();
    expect([clock.pending, clock.referenced.size]).toEqual([1, 0]);
  });
});

describe("where /bin/sh can't be started", () => {
  test.each(["ENOENT", "EACCES"])(
    "for good, with %s, it is warned about and not tried again",
    async (code) => {
      const { runtime, clock, guard, folder } = setUp();
      runtime.script.guardError = refusal(code);
      guard.open(folder);
      guard.open(folder);
      guard.add(7, true);
      await clock.advance(3_600_000);
      guard.remove(7);
      expect(runtime.warnings).toHaveLength(1);
      expect(runtime.warnings[0]).toContain(`(spawn /bin/sh ${code})`);
      expect(clock.pending).toBe(0);
      await guard.close();
      expect(runtime.openFiles.size).toBe(0);
    },
  );

  test("for the moment, it is warned about once and tried until it can", async () => {
    const { runtime, clock, guard, folder } = setUp();
    runtime.script.guardError = refusal("EAGAIN");
    guard.open(folder);
    await clock.advance(60_000);
    expect(runtime.warnings).toHaveLength(1);
    runtime.script.guardError = undefined;
    await clock.advance(10_000);
    expect(runtime.guards).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  test("a close before its failure is told resolves", async () => {
    const { runtime, clock, guard, folder } = setUp();
    runtime.script.guardError = refusal("ENOENT");
    guard.open(folder);
    await guard.close();
    expect(clock.pending).toBe(0);
  });
});

describe("its end", () => {
  test("is SIGKILL, for which close() waits", async () => {
    const { runtime, guard, folder, last } = setUp();
    runtime.script.hasStuckGuards = true; // its end is the test's to say
    guard.open(folder);
    let isClosed = false;
    const closing = guard.close().then(() => {
      isClosed = true;
    });
    await settled();
    expect([isClosed, last().signals]).toEqual([false, ["SIGKILL"]]);
    last().end(KILLED);
    await closing;
    expect([runtime.guards.length, runtime.clock.pending, runtime.openFiles.size]).toEqual([1, 0, 0]);
  });

  test("is not waited for for ever, when it is stuck in the kernel", async () => {
    const { runtime, clock, guard, folder, last } = setUp();
    runtime.script.hasStuckGuards = true;
    guard.open(folder);
    let isClosed = false;
    const closing = guard.close().then(() => {
      isClosed = true;
    });
    await clock.advance(499);
    expect(isClosed).toBe(false);
    await clock.advance(1);
    await closing;
    expect(clock.pending).toBe(0);
    last().end(KILLED); // at last
    await settled();
    expect(runtime.guards).toHaveLength(1);
  });

  test("brings no other, whether it comes by itself or while the next one waits", async () => {
    const { runtime, clock, guard, folder, newFolder, kill } = setUp();
    guard.open(folder);
    await kill(); // the next one waits
    await guard.close();
    await clock.advance(60_000);
    expect(runtime.guards).toHaveLength(1);
    guard.open(newFolder());
    await guard.close();
    await clock.advance(60_000);
    expect(runtime.guards).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });

  test("forgets everything: the next one has an empty table, and its deaths do not count", async () => {
    const { runtime, clock, guard, folder, newFolder, kill, last } = setUp();
    guard.open(folder);
    guard.add(7, true);
    for (const wait of WAITS) {
      await kill();
      await clock.advance(wait);
    }
    await guard.close();
    guard.remove(7); // late
    const next = newFolder();
    guard.open(next);
    expect(last().command.args.at(-2)).toBe(next);
    expect(new TextDecoder().decode(runtime.readFile(`${next}/groups`)).trim()).toBe("");
    const before = runtime.guards.length;
    await kill();
    await clock.advance(0);
    expect(runtime.guards).toHaveLength(before + 1);
  });

  test("of one and the start of the next may overlap", async () => {
    const { runtime, clock, guard, folder, newFolder } = setUp();
    runtime.script.hasStuckGuards = true;
    guard.open(folder);
    const closing = guard.close();
    runtime.script.hasStuckGuards = false;
    guard.open(newFolder());
    runtime.guards[0]?.end(KILLED);
    await closing;
    await clock.advance(60_000);
    expect(runtime.guards.map(({ isAlive }) => isAlive)).toEqual([false, true]);
  });

  test("is no matter where there was none", async () => {
    await setUp().guard.close();
  });
});
