/** What a host process has once for all its pools: who starts the reaper, who is warned or refused, what is kept. */
import { describe, expect, test } from "vitest";
import { HostProcess } from "../../src/host/host-process.ts";
import type { OrphanMode } from "../../src/options/pool-options.ts";
import { createPoolOn } from "../../src/pool/create-pool.ts";
import type { Command, Exit } from "../../src/port/runtime.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeKernel } from "../support/fake-kernel.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

const NO_LIBC = "Node before 26 can call libc through the package koffi alone; npm install koffi";
const FOREIGN = 4_321;
const COMMAND: Command = { file: "fake", args: [], env: {}, stdout: "ignore", stderr: "pipe" };

function setUp({ pid = 1000, hasLibc = true } = {}) {
  const runtime = new FakeRuntime({ add: (a: number, b: number) => a + b }, { pid });
  const kernel = new FakeKernel(runtime);
  let opened = 0;
  runtime.openLibc = () => {
    opened++;
    return hasLibc ? kernel : NO_LIBC;
  };
  const isReaping = () => runtime.childSignalListeners.size > 0;
  return {
    runtime,
    kernel,
    clock: runtime.clock,
    host: HostProcess.of(runtime),
    isReaping,
    opened: () => opened,
  };
}

test("there is one for each runtime", () => {
  const one = new FakeRuntime();
  const another = new FakeRuntime();
  expect(HostProcess.of(one)).toBe(HostProcess.of(one));
  expect(HostProcess.of(one)).not.toBe(HostProcess.of(another));
});

interface Row {
  orphans: OrphanMode;
  pid: number;
  hasLibc: boolean;
  outcome: "reaps" | "adopts and reaps" | "nothing" | "warns" | "refuses";
}

describe("the reaper", () => {
  test.each<Row>([
    { orphans: "auto", pid: 1, hasLibc: true, outcome: "reaps" },
    { orphans: "auto", pid: 1, hasLibc: false, outcome: "warns" },
    { orphans: "auto", pid: 1000, hasLibc: true, outcome: "nothing" },
    { orphans: "auto", pid: 1000, hasLibc: false, outcome: "nothing" },
    { orphans: "adopt", pid: 1, hasLibc: true, outcome: "reaps" },
    { orphans: "adopt", pid: 1, hasLibc: false, outcome: "refuses" },
    { orphans: "adopt", pid: 1000, hasLibc: true, outcome: "adopts and reaps" },
    { orphans: "adopt", pid: 1000, hasLibc: false, outcome: "refuses" },
    { orphans: "ignore", pid: 1, hasLibc: true, outcome: "nothing" },
    { orphans: "ignore", pid: 1, hasLibc: false, outcome: "nothing" },
    { orphans: "ignore", pid: 1000, hasLibc: true, outcome: "nothing" },
    { orphans: "ignore", pid: 1000, hasLibc: false, outcome: "nothing" },
  ])("orphans $orphans, pid $pid, libc $hasLibc: $outcome", async ({ orphans, pid, hasLibc, outcome }) => {
    const { runtime, kernel, clock, host, isReaping, opened } = setUp({ pid, hasLibc });
    let release = async () => {};
    let refusal: unknown;
    try {
      release = host.retain(orphans);
    } catch (error) {
      refusal = error;
    }
    const reaps = outcome === "reaps" || outcome === "adopts and reaps";
    expect(isReaping()).toBe(reaps);
    expect(kernel.prctls).toHaveLength(outcome === "adopts and reaps" ? 1 : 0);
    expect(runtime.warnings).toHaveLength(outcome === "warns" ? 1 : 0);
    if (outcome === "refuses") {
      expect(refusal).toMatchObject({
        code: "ERR_UNSUPPORTED",
        message: `Cannot adopt orphans (orphans: "adopt"): ${NO_LIBC}`,
      });
    } else expect(refusal).toBeUndefined();
    if (outcome === "nothing") expect(opened()).toBe(0); // nothing is loaded that is not needed

    if (kernel.isSubreaper) {
      const orphan = kernel.orphan({ session: FOREIGN }, { isDead: true });
      await clock.advance(1_000);
      expect(kernel.zombies).toEqual(reaps ? [] : [orphan]);
    }
    await release();
    expect(isReaping()).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test("is shared by the pools that want it, and goes with the last of these", async () => {
    const { kernel, host, isReaping, opened, runtime } = setUp();
    const ignoring = host.retain("ignore");
    const first = host.retain("adopt");
    const second = host.retain("adopt");
    expect([opened(), runtime.childSignalListeners.size, kernel.prctls.length]).toEqual([1, 1, 1]);
    await first();
    expect(isReaping()).toBe(true);
    await second();
    expect([isReaping(), kernel.isSubreaper]).toEqual([false, false]);
    await ignoring();
    const third = host.retain("adopt");
    expect([isReaping(), kernel.isSubreaper]).toEqual([true, true]);
    await third();
  });

  test.each([
    ["the earlier", [0, 1]],
    ["the later", [1, 0]],
  ])("outlasts %s pool where libc could be had only later, and goes with the other", async (_, order) => {
    const { runtime, kernel, host, isReaping } = setUp({ pid: 1, hasLibc: false });
    const releases = [host.retain("auto")]; // warned, and open still
    runtime.openLibc = () => kernel; // a permission was granted meanwhile
    releases.push(host.retain("auto"));
    expect(isReaping()).toBe(true);
    await releases[order[0] as number]?.();
    expect(isReaping()).toBe(true);
    await releases[order[1] as number]?.();
    expect(isReaping()).toBe(false);
  });

  test("is let go by a pool once, however often it says so", async () => {
    const { host, isReaping } = setUp();
    const [first, second] = [host.retain("adopt"), host.retain("adopt")];
    await Promise.all([first(), first(), first()]);
    expect(isReaping()).toBe(true);
    await second();
    expect(isReaping()).toBe(false);
  });

  test("as PID 1 serves auto and adopt alike", async () => {
    const { host, isReaping, runtime } = setUp({ pid: 1 });
    const releases = [host.retain("auto"), host.retain("adopt")];
    expect(runtime.childSignalListeners.size).toBe(1);
    for (const release of releases) {
      expect(isReaping()).toBe(true);
      await release();
    }
    expect(isReaping()).toBe(false);
  });

  test("leaves the workers of the pool to their runtime", async () => {
    const { runtime, kernel, clock, host } = setUp();
    const release = host.retain("adopt");
    const { spawn } = runtime;
    // A worker that the kernel knows too, and whose exit the runtime is slow to tell.
    runtime.spawn = (command, events) => {
      if (command.file === "/bin/sh") return kernel.start(command, events); // the reaper's own
      const worker = spawn.call(runtime, command, events);
      kernel.spawn({ pid: worker.pid as number, waiter: "nobody" });
      return worker;
    };
    runtime.script.isMute = true;
    const worker = host.spawn(COMMAND, { onOutput: () => {}, onOutputEnd: () => {}, onExit: () => {} });
    kernel.die(worker.pid as number);
    await clock.advance(60_000);
    expect(kernel.zombies).toEqual([worker.pid]);
    runtime.processes.at(-1)?.end({ code: 0, signal: null });
    await clock.advance(1_000); // told: from here on the number may be an orphan's
    expect(kernel.zombies).toEqual([]);
    await release();
  });

  test("is not stopped by workers, guards and sockets that come and go", async () => {
    const { runtime, clock, isReaping } = setUp();
    const pool = createPoolOn(runtime)("/work.ts", { orphans: "adopt", idleTimeout: 10 });
    expect(isReaping()).toBe(true);
    expect(await pool.run("add", [1, 2])).toBe(3);
    await clock.advance(1_000);
    expect(runtime.alive).toEqual([]);
    expect(isReaping()).toBe(true);
    await pool.close();
    expect(isReaping()).toBe(false);
  });
});

describe("where orphans can't be adopted", () => {
  test("a host that is PID 1 is warned once for all its pools, and told what to do", async () => {
    const { runtime, host } = setUp({ pid: 1, hasLibc: false });
    const releases = [host.retain("auto"), host.retain("auto")];
    expect(runtime.warnings).toHaveLength(1);
    expect(runtime.warnings[0]).toMatch(
      /^reapool: this process is PID 1 and can't reap the orphans it adopts/,
    );
    for (const advice of [NO_LIBC, "docker run --init", 'orphans: "ignore"']) {
      expect(runtime.warnings[0]).toContain(advice);
    }
    for (const release of releases) await release();
    await host.retain("auto")();
    expect(runtime.warnings).toHaveLength(1);
  });

  test("a pool that asks for it is not made, and leaves nothing behind", async () => {
    const { runtime, clock } = setUp({ hasLibc: false });
    const createPool = createPoolOn(runtime);
    expect(() => createPool("/work.ts", { orphans: "adopt", minWorkers: 2 })).toThrow(
      expect.objectContaining({ code: "ERR_UNSUPPORTED", name: "UnsupportedError" }),
    );
    await clock.advance(60_000);
    expect([runtime.processes, runtime.guards, runtime.listeners, clock.pending]).toEqual([[], [], 0, 0]);
    expect(runtime.warnings).toEqual([]);
    // Were it retained, the next pool would not be the last one to close.
    const pool = createPool("/work.ts");
    expect(await pool.run("add", [1, 2])).toBe(3);
    await pool.close();
    expect([runtime.listeners, runtime.guards.filter(({ isAlive }) => isAlive)]).toEqual([0, []]);
  });

  test("a pool that asks for it is not made where the kernel rejects it, and the next one tries again", async () => {
    const { runtime, kernel, host, isReaping } = setUp();
    const { prctl } = kernel;
    kernel.prctl = () => -1;
    expect(() => host.retain("adopt")).toThrow(
      expect.objectContaining({
        code: "ERR_UNSUPPORTED",
        message: 'Cannot adopt orphans (orphans: "adopt"): the kernel rejects prctl(PR_SET_CHILD_SUBREAPER)',
      }),
    );
    expect([isReaping(), runtime.warnings]).toEqual([false, []]);
    kernel.prctl = prctl;
    const release = host.retain("adopt");
    expect([isReaping(), kernel.isSubreaper]).toEqual([true, true]);
    await release();
    expect([isReaping(), kernel.isSubreaper]).toEqual([false, false]);
  });

  test("the other pools of the host go on", async () => {
    const { runtime } = setUp({ pid: 1, hasLibc: false });
    const createPool = createPoolOn(runtime);
    const pool = createPool("/work.ts", { orphans: "ignore" });
    expect(() => createPool("/work.ts", { orphans: "adopt" })).toThrow();
    expect(await pool.run("add", [1, 2])).toBe(3);
    await pool.close();
  });
});

describe("the folder, the socket and the guard", () => {
  const there = ({ folders, listeners, guards }: FakeRuntime) => ({
    folders: [...folders],
    listeners,
    guards: guards.filter(({ isAlive }) => isAlive).length,
  });
  const NOTHING = { folders: [], listeners: 0, guards: 0 };

  test("are there for the first who opens, shared, and gone with the last pool", async () => {
    const { runtime, host } = setUp();
    const releases = [host.retain("auto"), host.retain("auto")];
    expect(there(runtime)).toEqual(NOTHING);
    const door = await host.open();
    expect(door).toEqual({ folder: "/fake-1", socket: "/fake-1/socket" });
    expect(await host.open()).toEqual(door);
    await releases[0]?.();
    expect(there(runtime)).toEqual({ folders: ["/fake-1"], listeners: 1, guards: 1 });
    await releases[1]?.();
    expect(there(runtime)).toEqual(NOTHING);
    const release = host.retain("auto");
    expect(await host.open()).toEqual({ folder: "/fake-2", socket: "/fake-2/socket" });
    await release();
    expect(there(runtime)).toEqual(NOTHING);
  });

  test("a release resolves when the guard and then the folder are gone, at once where others need them", async () => {
    const { runtime, clock, host } = setUp();
    runtime.script.hasStuckGuards = true;
    const releases = [host.retain("auto"), host.retain("auto")];
    await host.open();
    await releases[0]?.();
    const last = releases[1]?.();
    await clock.advance(499);
    expect(there(runtime)).toEqual({ folders: ["/fake-1"], listeners: 0, guards: 1 });
    await clock.advance(1);
    await last;
    expect(runtime.folders.size).toBe(0);
  });

  test.each(["folderError", "listenError"] as const)(
    "that can't be had (%s) are an error of that call, which says what to do; the next one tries again",
    async (obstacle) => {
      const { runtime, host } = setUp();
      const release = host.retain("auto");
      const cause = Object.assign(new Error("read-only file system"), { code: "EROFS" });
      runtime.script[obstacle] = cause;
      const error = await host.open().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "EROFS", cause });
      expect((error as Error).message).toMatch(/read-only file system.*TMPDIR/);
      runtime.script[obstacle] = undefined;
      await host.open();
      expect(there(runtime)).toMatchObject({ listeners: 1, guards: 1 });
      await release();
      expect(there(runtime)).toEqual(NOTHING);
    },
  );

  test("opened and failed, they are gone with the last pool too", async () => {
    const { runtime, host } = setUp();
    const release = host.retain("auto");
    runtime.script.listenError = new Error("ENAMETOOLONG");
    await host.open().catch(() => {});
    await release();
    expect(there(runtime)).toEqual(NOTHING);
  });
});

describe("a start", () => {
  test("is the runtime's own, its exit told once and unchanged", async () => {
    const { runtime, host } = setUp();
    const exits: Exit[] = [];
    const events = {
      onOutput: () => {},
      onOutputEnd: () => {},
      onExit: (exit: Exit) => void exits.push(exit),
    };
    runtime.script.isMute = true;
    const worker = host.spawn(COMMAND, events);
    expect(worker).toBe(runtime.processes[0]);
    runtime.processes[0]?.end({ code: 3, signal: null });
    await settled();
    expect(exits).toEqual([{ code: 3, signal: null }]);
  });

  test("that fails is told as it came", async () => {
    const { runtime, host } = setUp();
    runtime.script.spawnError = new Error("ENOENT");
    const exits: Exit[] = [];
    const worker = host.spawn(COMMAND, {
      onOutput: () => {},
      onOutputEnd: () => {},
      onExit: (exit) => void exits.push(exit),
    });
    expect(worker.pid).toBeUndefined();
    await settled();
    expect(exits).toEqual([{ code: null, signal: null, error: runtime.script.spawnError }]);
  });
});
