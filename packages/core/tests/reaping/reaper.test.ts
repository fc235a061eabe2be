/** The reaper on a kernel in memory and a fake clock: which of the dead it takes, when, and what it costs. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { GRACE_MS } from "../../src/reaping/orphan.ts";
import type { Session } from "../support/fake-kernel.ts";
import { canSeeProcesses } from "../support/real-processes.ts";
import { A_SECOND, FOREIGN, type Listing, setUp } from "../support/reaper-scene.ts";

describe.each([
  ["with /proc", true],
  ["without /proc", false],
])("%s", (_, isProcReadable) => {
  test("an orphan out of another session is collected at the signal", async () => {
    const { clock, kernel, reaper } = setUp({ isProcReadable });
    reaper.start();
    kernel.spawn(); // lives on: what waitid says of the living is not what it says of nobody
    const orphan = kernel.orphan({ session: FOREIGN });
    await clock.advance(5_000);
    expect(kernel.reaped).toEqual([]); // it lives
    kernel.die(orphan);
    await clock.advance(0);
    expect(kernel.reaped).toEqual([{ pid: orphan, zombieFor: 0 }]);
    expect(clock.pending).toBe(0);
  });

  test.each<Session>(["host", "leader"])(
    "an orphan in the session of the host, or that leads one, after the grace: %s",
    async (session) => {
      const { clock, kernel, reaper } = setUp({ isProcReadable });
      reaper.start();
      const orphan = kernel.orphan({ session });
      kernel.die(orphan);
      await clock.advance(GRACE_MS - 1);
      expect(kernel.zombies).toEqual([orphan]);
      await clock.advance(A_SECOND - GRACE_MS);
      expect(kernel.zombies).toEqual([]);
      expect(clock.pending).toBe(0);
    },
  );

  test("orphans that were there before, and those that are dead when they come", async () => {
    const { clock, kernel, reaper } = setUp({ pid: 1, isProcReadable });
    kernel.orphan({ session: "host" }, { isDead: true });
    kernel.orphan({ session: FOREIGN }, { isDead: true });
    await clock.advance(10);
    reaper.start();
    await clock.advance(A_SECOND);
    expect(kernel.reaped).toHaveLength(2);
    kernel.orphan({ session: "leader" }, { isDead: true });
    await clock.advance(A_SECOND);
    expect(kernel.reaped).toHaveLength(3);
    expect(kernel.zombies).toEqual([]);
  });

  test("two hundred that die at once, of every kind and among as many own, on one signal", async () => {
    const { clock, kernel, reaper } = setUp({ isProcReadable });
    reaper.start();
    const sessions: Session[] = ["host", "leader", FOREIGN];
    const pids = Array.from({ length: 400 }, (_none, n) => {
      const session = sessions[n % 3] as number;
      return n % 2 === 0
        ? kernel.orphan({ session })
        : kernel.spawn({ session: n % 3 === 0 ? "host" : "leader" });
    });
    for (const pid of pids) kernel.die(pid);
    await clock.advance(A_SECOND);
    expect(kernel.reaped).toHaveLength(200);
    expect(kernel.stolen).toEqual([]);
    expect(kernel.zombies).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test("an exit that the runtime collects is left to it, whichever of them hears of it first", async () => {
    for (const isRuntimeFirst of [true, false]) {
      const { clock, kernel, reaper } = setUp({ isProcReadable });
      kernel.isRuntimeFirst = isRuntimeFirst;
      reaper.start();
      for (const session of ["host", "leader"] as const) kernel.die(kernel.spawn({ session }));
      await clock.advance(A_SECOND);
      expect([kernel.reaped, kernel.stolen, kernel.zombies]).toEqual([[], [], []]);
    }
  });

  test("an exit that native code waits for is left to it for the time of the grace", async () => {
    const { clock, kernel, reaper } = setUp({ isProcReadable });
    reaper.start();
    const pid = kernel.spawn({ session: "host", waiter: { lag: GRACE_MS - 1 } });
    kernel.die(pid);
    await clock.advance(GRACE_MS - 2);
    expect(kernel.zombies).toEqual([pid]);
    await clock.advance(A_SECOND);
    expect([kernel.reaped, kernel.stolen, kernel.zombies]).toEqual([[], [], []]);
  });

  test("a process of the pool is never taken, however long its exit goes unheard", async () => {
    const { clock, kernel, reaper, own } = setUp({ isProcReadable });
    reaper.start();
    const worker = kernel.spawn({ waiter: "nobody" });
    own.add(worker);
    kernel.die(worker);
    await clock.advance(60_000);
    expect(kernel.zombies).toEqual([worker]);
    expect(kernel.started).toBe(0); // it is clear whose it is
    own.delete(worker); // its end has been told: whatever has this number now is somebody else
    await clock.advance(A_SECOND);
    expect(kernel.zombies).toEqual([]);
  });

  test("a process of another thread of the host is left alone", async () => {
    const { clock, kernel, reaper } = setUp({ isProcReadable });
    reaper.start();
    const threads = [FOREIGN, "host", "leader"].map((session) =>
      kernel.spawn({ session: session as Session, isOfOtherThread: true, waiter: { lag: 30_000 } }),
    );
    const orphan = kernel.orphan({ session: "host" });
    for (const pid of [...threads, orphan]) kernel.die(pid);
    await clock.advance(20_000);
    expect(kernel.zombies).toEqual(threads);
    expect(kernel.reaped.map(({ pid }) => pid)).toEqual([orphan]);
    expect(clock.pending).toBe(threads.length); // what waits for them, and nothing of the reaper
  });

  test("a number that is used again has its grace anew", async () => {
    const { clock, kernel, reaper, own } = setUp({ isProcReadable });
    reaper.start();
    const number = kernel.spawn({ session: "host", waiter: { lag: 60 } });
    const worker = kernel.spawn({ waiter: "nobody" }); // stays dead, so that the reaper keeps looking
    own.add(worker);
    kernel.die(number);
    kernel.die(worker);
    await clock.advance(GRACE_MS - 20);
    expect(kernel.zombies).toEqual([worker]);
    kernel.spawn({ session: "host", waiter: { lag: GRACE_MS - 1 }, pid: number });
    kernel.die(number);
    await clock.advance(GRACE_MS - 2);
    expect(kernel.zombies).toEqual([worker, number]);
    await clock.advance(A_SECOND);
    expect([kernel.reaped, kernel.stolen]).toEqual([[], []]);
  });
});

test("with /proc nobody waits behind a process of the pool whose exit goes unheard", async () => {
  const { clock, kernel, reaper, own } = setUp();
  reaper.start();
  const worker = kernel.spawn({ waiter: "nobody" }); // the only one that waitid shows
  own.add(worker);
  const orphans = ["host", "leader", FOREIGN].map((session) =>
    kernel.orphan({ session: session as Session }),
  );
  for (const pid of [worker, ...orphans]) kernel.die(pid);
  await clock.advance(A_SECOND);
  expect(kernel.zombies).toEqual([worker]);
});

describe("without /proc those behind the first are listed by the marker", () => {
  test.each<Listing>(["before", "after"])("which says so %s its end", async (listing) => {
    const { clock, kernel, reaper, commands } = setUp({ isProcReadable: false, listing });
    reaper.start();
    kernel.spawn(); // lives on, and is listed too
    const orphans = Array.from({ length: 100 }, () => kernel.orphan({ session: "host" }));
    for (const pid of orphans) kernel.die(pid);
    await clock.advance(A_SECOND);
    expect([kernel.reaped.length, kernel.stolen, kernel.zombies]).toEqual([100, [], []]);
    expect(kernel.longestZombie).toBeLessThan(A_SECOND);
    expect(commands.map(({ stdout }) => stdout)).toEqual(["pipe", "pipe"]); // to find them, and for their sake
  });

  test("and each of these has its grace, and a marker that was started after it was seen", async () => {
    const { clock, kernel, reaper } = setUp({ isProcReadable: false });
    reaper.start();
    kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(100 + 5); // the list has come, and been looked through
    const native = kernel.spawn({ session: "host", waiter: { lag: GRACE_MS - 1 } });
    kernel.die(native); // behind the orphan, and dead only now
    kernel.lag = 100; // what the marker has to wait for
    kernel.die(kernel.spawn({ session: "host" }));
    await clock.advance(2 * A_SECOND);
    expect([kernel.reaped.length, kernel.stolen, kernel.zombies]).toEqual([1, [], []]);
  });

  test("those of another session too, which need no grace", async () => {
    const { clock, kernel, reaper, own } = setUp({ isProcReadable: false });
    reaper.start();
    const worker = kernel.spawn({ waiter: "nobody" });
    kernel.orphan({ session: "host" }, { isDead: true });
    own.add(worker);
    const orphan = kernel.orphan({ session: FOREIGN }, { isDead: true });
    await clock.advance(110);
    expect(kernel.reaped.map(({ pid }) => pid)).toEqual([orphan]);
  });

  test("and where the shell has no /proc either, one is seen at a time: none stays for ever, and that is all", async () => {
    const { clock, kernel, reaper } = setUp({ isProcReadable: false, listing: "without /proc" });
    reaper.start();
    for (let n = 0; n < 20; n++) kernel.orphan({ session: "leader" }, { isDead: true });
    await clock.advance(20 * A_SECOND);
    expect([kernel.reaped.length, kernel.zombies]).toEqual([20, []]);
  });

  test("which asks for nothing where /proc can be read", async () => {
    const { clock, kernel, reaper, commands } = setUp();
    reaper.start();
    kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(A_SECOND);
    expect(commands).toMatchObject([{ args: ["-c", ":"], stdout: "ignore" }]);
  });

  const SHELLS = [["/bin/sh"], ["bash", "--norc"], ["busybox", "sh"]];
  test.skipIf(!canSeeProcesses).for(SHELLS.map((shell) => [shell.join(" "), shell] as const))(
    "which a real shell does: %s",
    async ([name, [file, ...flags]], { skip }) => {
      const run = (script: string) =>
        spawnSync(file as string, [...flags, "-c", script], { cwd: "/", encoding: "utf8" });
      if (run("exit 0").status !== 0) skip(`${name} is not installed`);
      const { clock, kernel, reaper, commands } = setUp({ isProcReadable: false });
      reaper.start();
      kernel.orphan({ session: "host" }, { isDead: true });
      await clock.advance(100);
      const { status, stdout } = run(commands[0]?.args[1] ?? "exit 1");
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^\d+( \d+)*\n$/)]);
      expect(stdout.trim().split(" ")).toContain(String(process.pid));
    },
  );
});

describe("before an exit is taken, the runtime has told all that it had to tell", () => {
  test("however long a signal has lain when the reaper looks", async () => {
    for (let delay = 1; delay <= 400; delay += 21) {
      for (let at = GRACE_MS - 20; at < GRACE_MS + 110; at += 10) {
        const { clock, kernel, reaper } = setUp();
        reaper.start();
        kernel.orphan({ session: "host" }, { isDead: true }); // what makes it look
        await clock.advance(at);
        kernel.signalDelay = delay;
        kernel.die(kernel.spawn({ session: "host" }));
        await clock.advance(2 * A_SECOND);
        expect(kernel.stolen).toEqual([]);
        expect(kernel.reaped).toHaveLength(1);
      }
    }
  });

  test("however long it takes over each", async () => {
    const { clock, kernel, reaper } = setUp();
    kernel.lag = 30;
    reaper.start();
    const own = Array.from({ length: 40 }, () => kernel.spawn({ session: "host" }));
    const orphan = kernel.orphan({ session: "host" });
    for (const pid of [orphan, ...own]) kernel.die(pid);
    await clock.advance(40 * 30);
    expect(kernel.zombies).toContain(orphan);
    await clock.advance(A_SECOND);
    expect(kernel.reaped.map(({ pid }) => pid)).toEqual([orphan]);
    expect([kernel.stolen, kernel.zombies]).toEqual([[], []]);
  });

  test("and what died while it did so has still to be told", async () => {
    const { clock, kernel, reaper } = setUp();
    kernel.lag = 400;
    reaper.start();
    kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(300);
    expect(kernel.started).toBe(1); // dead by now, and not told before the next one is
    kernel.die(kernel.spawn({ session: "host" }));
    await clock.advance(10 * A_SECOND);
    expect([kernel.stolen, kernel.reaped.length]).toEqual([[], 1]);
  });

  test("which a program of its own shows, one at a time, and none where everything is clear", async () => {
    const { clock, kernel, reaper } = setUp();
    reaper.start();
    kernel.die(kernel.spawn()); // collected by the runtime
    kernel.orphan({ session: FOREIGN }, { isDead: true }); // nobody else's
    await clock.advance(A_SECOND);
    expect(kernel.started).toBe(0);
    kernel.programLife = 5 * A_SECOND;
    for (let n = 0; n < 20; n++) {
      kernel.orphan({ session: "host" }, { isDead: true });
      await clock.advance(100);
    }
    expect(kernel.started).toBe(1);
    await clock.advance(5 * A_SECOND);
    kernel.programLife = 3;
    await clock.advance(5 * A_SECOND);
    expect(kernel.zombies).toEqual([]);
    expect(kernel.started).toBeLessThan(4);
  });

  test.each(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"])(
    "or will have, as soon as its program can be started: it is tried again while it is refused with %s",
    async (code) => {
      const { clock, kernel, reaper, commands } = setUp();
      kernel.startError = Object.assign(new Error(code), { code });
      reaper.start();
      const orphan = kernel.orphan({ session: "host" }, { isDead: true });
      await clock.advance(60 * A_SECOND);
      expect([kernel.zombies, clock.referenced.size]).toEqual([[orphan], 0]);
      expect(commands.length).toBeGreaterThan(60);
      expect(commands.length).toBeLessThan(300); // less and less often
      kernel.startError = undefined; // nobody dies now: there is no signal
      await clock.advance(A_SECOND);
      expect([kernel.zombies, kernel.stolen, clock.pending]).toEqual([[], [], 0]);
      commands.length = 0;
      kernel.orphan({ session: "host" }, { isDead: true });
      await clock.advance(60);
      expect(commands).toHaveLength(1); // as quick as ever
    },
  );

  test("and where none can be started at all, who is unclear stays: until the next signal, without a timer", async () => {
    const { clock, kernel, reaper } = setUp();
    kernel.startError = Object.assign(new Error("no such file"), { code: "ENOENT" });
    reaper.start();
    const orphan = kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(10 * A_SECOND);
    expect([kernel.zombies, clock.pending]).toEqual([[orphan], 0]);
    kernel.orphan({ session: FOREIGN }, { isDead: true });
    await clock.advance(A_SECOND);
    expect([kernel.zombies, clock.pending]).toEqual([[orphan], 0]);
    kernel.startError = undefined;
    kernel.die(kernel.spawn());
    await clock.advance(A_SECOND);
    expect([kernel.zombies, kernel.stolen, clock.pending]).toEqual([[], [], 0]);
  });
});
