/** The reaper where this process adopts orphans, and under whatever is born and dies; see reaper.test.ts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GRACE_MS } from "../../src/reaping/orphan.ts";
import { runs } from "../support/effort.ts";
import type { Birth, FakeKernel, Session } from "../support/fake-kernel.ts";
import type { FakeRuntime } from "../support/fake-runtime.ts";
import { A_SECOND, FOREIGN, type Listing, PR_SET_CHILD_SUBREAPER, setUp } from "../support/reaper-scene.ts";

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
