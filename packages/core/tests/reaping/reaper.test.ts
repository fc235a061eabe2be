/** The reaper on a kernel in memory and a fake clock: which of the dead it takes, when, and what it costs. */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Command, Runtime } from "../../src/port/runtime.ts";
import { GRACE_MS } from "../../src/reaping/orphan.ts";
import { Reaper } from "../../src/reaping/reaper.ts";
import { runs } from "../support/effort.ts";
import { type Birth, FakeKernel, type Session } from "../support/fake-kernel.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { canSeeProcesses } from "../support/real-processes.ts";

const PR_SET_CHILD_SUBREAPER = 36;
/** Somebody else's session. */
const FOREIGN = 4_321;
/** G5. */
const A_SECOND = 1_000;

/** What a shell says that lists /proc: before its end is told or after it. */
type Listing = "before" | "after" | "without /proc";

function setUp({
  pid = 1000,
  isProcReadable = true,
  listing = "before",
}: {
  pid?: number;
  isProcReadable?: boolean;
  listing?: Listing;
} = {}) {
  const runtime = new FakeRuntime({}, { pid });
  const kernel = new FakeKernel(runtime, { isProcReadable });
  const commands: Command[] = [];
  const spawn: Runtime["spawn"] = (command, events) => {
    commands.push(command);
    if (command.stdout !== "pipe") return kernel.start(command, events);
    const list = () => {
      const numbers = listing === "without /proc" ? ["[0-9]*"] : numbersOf(kernel);
      const bytes = new TextEncoder().encode(`${numbers.join(" ")}\n`);
      // In pieces, as they come through a pipe.
      for (const piece of [bytes.slice(0, 7), bytes.slice(7)]) events.onOutput("stdout", piece);
      events.onOutputEnd("stdout");
    };
    return kernel.start(command, {
      ...events,
      onExit: (exit) => {
        const isListed = exit.error === undefined;
        if (isListed && listing !== "after") list();
        events.onExit(exit);
        if (isListed && listing === "after") list();
      },
    });
  };
  const reaper = new Reaper({ runtime, spawn, own: kernel.own }, kernel);
  return { runtime, clock: runtime.clock, kernel, reaper, own: kernel.own, commands };
}

/** Of every process, dead or alive; and some that are nobody's. */
function numbersOf(kernel: FakeKernel): number[] {
  const numbers = Array.from({ length: 1_000 }, (_, n) => 2_000 + n);
  return [1, 20, ...numbers.filter((pid) => kernel.getsid(pid) !== -1)];
}

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

describe("costs nothing", () => {
  test("while nobody is dead: no timer, and no look", async () => {
    const { runtime, clock, kernel, reaper } = setUp();
    let looks = 0;
    const { waitid } = kernel;
    kernel.waitid = (...args) => {
      looks++;
      return waitid.apply(kernel, args);
    };
    runtime.proc = { readFile: () => expect.unreachable(), listFolder: () => expect.unreachable() };
    for (let n = 0; n < 5; n++) kernel.spawn();
    reaper.start();
    expect(clock.pending).toBe(0);
    looks = 0;
    await clock.advance(3_600_000);
    expect(looks).toBe(0);
  });

  test("after an own death that the runtime has collected: no timer, and /proc is not listed", async () => {
    const { runtime, clock, kernel, reaper } = setUp();
    runtime.proc = { readFile: () => expect.unreachable(), listFolder: () => expect.unreachable() };
    reaper.start();
    kernel.die(kernel.spawn());
    await clock.advance(0);
    expect(clock.pending).toBe(0);
    kernel.isRuntimeFirst = false; // now there is one to see at the signal
    kernel.die(kernel.spawn());
    await clock.advance(0);
    expect(clock.pending).toBe(1);
    await clock.advance(100);
    expect(clock.pending).toBe(0);
  });

  test("never keeps the host alive", async () => {
    const { clock, kernel, reaper } = setUp();
    reaper.start();
    kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(1);
    expect([clock.pending, clock.referenced.size]).toEqual([1, 0]);
  });
});

describe("adopting", () => {
  test("begins with start and ends with stop, which leaves no listener and no timer", async () => {
    const { runtime, clock, kernel, reaper } = setUp();
    expect([kernel.prctls, runtime.childSignalListeners.size]).toEqual([[], 0]);
    reaper.start();
    expect(kernel.prctls).toEqual([[PR_SET_CHILD_SUBREAPER, 1]]);
    expect(runtime.childSignalListeners.size).toBe(1);
    const orphan = kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(10);
    expect(clock.pending).toBe(1);
    reaper.stop();
    expect(kernel.prctls.slice(1)).toEqual([[PR_SET_CHILD_SUBREAPER, 0]]);
    expect([clock.pending, runtime.childSignalListeners.size]).toEqual([0, 0]);
    await clock.advance(A_SECOND);
    expect(kernel.zombies).toEqual([orphan]);
  });

  test("stops in any moment between two looks", async () => {
    for (let ms = 0; ms < GRACE_MS; ms += 7) {
      const { clock, kernel, reaper } = setUp();
      reaper.start();
      kernel.orphan({ session: "leader" }, { isDead: true });
      await clock.advance(ms);
      reaper.stop();
      await clock.advance(20); // a program that it has started by then ends
      expect(clock.pending).toBe(0);
      expect(kernel.zombies).toHaveLength(1);
    }
  });

  test("can begin again", async () => {
    const { clock, kernel, reaper } = setUp();
    reaper.start();
    reaper.stop();
    kernel.die(kernel.spawn({ session: "host", waiter: "nobody" }));
    reaper.start();
    kernel.orphan({ session: FOREIGN }, { isDead: true });
    await clock.advance(A_SECOND);
    expect(kernel.reaped).toHaveLength(2);
  });

  test("leaves a host as it was that had made itself a subreaper", async () => {
    const { kernel, reaper } = setUp();
    kernel.isSubreaper = true;
    reaper.start();
    reaper.stop();
    expect(kernel.prctls).toEqual([]);
  });

  test("is left as it was where the application has asked for it itself", async () => {
    const { clock, kernel, reaper } = setUp();
    kernel.isSubreaper = true;
    reaper.start();
    kernel.orphan({ session: FOREIGN }, { isDead: true });
    await clock.advance(0);
    expect(kernel.reaped).toHaveLength(1);
    reaper.stop();
    expect([kernel.prctls, kernel.isSubreaper]).toEqual([[], true]);
  });

  test("takes no prctl as PID 1, to whom orphans come anyway", async () => {
    const { clock, kernel, reaper } = setUp({ pid: 1 });
    reaper.start();
    kernel.orphan({ session: FOREIGN }, { isDead: true });
    await clock.advance(0);
    expect(kernel.reaped).toHaveLength(1);
    reaper.stop();
    expect(kernel.prctls).toEqual([]);
  });

  test("is refused where the kernel does so, and nothing is started then", async () => {
    const { runtime, clock, kernel, reaper } = setUp();
    kernel.prctl = () => -1;
    kernel.die(kernel.spawn({ session: "host", waiter: "nobody" }));
    expect(reaper.start()).toBe(false);
    await clock.advance(A_SECOND);
    expect([kernel.reaped, runtime.childSignalListeners.size, clock.pending]).toEqual([[], 0, 0]);
  });

  test.each([
    [1, false],
    [1000, true],
  ])("as pid %i does not take what the kernel refuses, if orphans come anyway", (pid, isSubreaper) => {
    const { runtime, kernel, reaper } = setUp({ pid });
    if (isSubreaper) kernel.isSubreaper = true;
    const { prctl } = kernel;
    kernel.prctl = (option, argument) =>
      option === PR_SET_CHILD_SUBREAPER ? -1 : prctl.call(kernel, option, argument);
    expect(reaper.start()).toBe(true);
    expect(runtime.childSignalListeners.size).toBe(1);
  });

  test("without it orphans pass this host by", async () => {
    const { clock, kernel, runtime } = setUp();
    runtime.onChildSignal(() => expect.unreachable());
    kernel.orphan({ session: "host" }, { isDead: true });
    await clock.advance(A_SECOND);
    expect(kernel.reaped).toEqual([]);
  });
});

type Life = {
  readonly at: number;
  readonly lives: number;
  readonly birth: Birth;
  readonly isOrphan: boolean;
};

const ownSession = fc.constantFrom<Session>("host", "leader");
const life: fc.Arbitrary<Life> = fc.oneof(
  fc.record({
    at: fc.nat(1_500),
    lives: fc.nat(1_000),
    isOrphan: fc.constant(true),
    birth: fc.record({ session: fc.oneof(ownSession, fc.constant(FOREIGN)) }),
  }),
  fc.record({
    at: fc.nat(1_500),
    lives: fc.nat(1_000),
    isOrphan: fc.constant(false),
    birth: fc.record({
      session: ownSession,
      isOfOtherThread: fc.boolean(),
      waiter: fc.oneof(
        fc.constant("runtime" as const),
        fc.record({ lag: fc.integer({ min: 1, max: GRACE_MS - 1 }) }),
      ),
    }),
  }),
);

/** Lets every process be born and die in its time. */
async function play(lives: readonly Life[], kernel: FakeKernel, clock: FakeRuntime["clock"]): Promise<void> {
  for (const { at, lives: age, birth, isOrphan } of lives) {
    clock.startTimer(at, () => {
      const pid = isOrphan ? kernel.orphan(birth) : kernel.spawn(birth);
      clock.startTimer(age, () => kernel.die(pid));
    });
  }
  await clock.advance(1_500 + 1_000 + A_SECOND);
}

/** How its event loop and its runtime are. */
const manner = fc.record({
  listing: fc.constantFrom<Listing>("before", "after", "without /proc"),
  isProcReadable: fc.boolean(),
  isRuntimeFirst: fc.boolean(),
  signalDelay: fc.oneof(fc.constant(0), fc.nat(300)),
  lag: fc.oneof(fc.constant(0), fc.nat(20)),
  programLife: fc.integer({ min: 1, max: 50 }),
});

describe("whatever is born and dies, in any order", () => {
  test("no exit of an own process is taken, and no orphan stays a zombie", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(life, { maxLength: 40 }),
        manner,
        async (lives, { isProcReadable, listing, ...manners }) => {
          const { clock, kernel, reaper } = setUp({ isProcReadable, listing });
          Object.assign(kernel, manners);
          reaper.start();
          await play(lives, kernel, clock);
          await clock.advance(lives.length * A_SECOND);
          expect(kernel.stolen).toEqual([]);
          expect(kernel.reaped).toHaveLength(lives.filter(({ isOrphan }) => isOrphan).length);
          expect(kernel.zombies).toEqual([]);
          expect(clock.pending).toBe(0);
        },
      ),
      { numRuns: runs(150) },
    );
  });

  test("with a list of the dead and a runtime that keeps up, none is one for longer than a second", async () => {
    const sources = fc.constantFrom<{ isProcReadable: boolean; listing?: Listing }>(
      { isProcReadable: true },
      { isProcReadable: false, listing: "before" },
      { isProcReadable: false, listing: "after" },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(life, { maxLength: 40 }), sources, async (lives, source) => {
        const { clock, kernel, reaper } = setUp(source);
        reaper.start();
        await play(lives, kernel, clock);
        expect(kernel.longestZombie).toBeLessThanOrEqual(A_SECOND);
        expect(kernel.zombies).toEqual([]);
      }),
      { numRuns: runs(100) },
    );
  });
});
