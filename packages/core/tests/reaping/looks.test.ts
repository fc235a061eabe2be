/** When the guard is asked to look, and who waits for it, on a fake clock. */
import { describe, expect, test } from "vitest";
import { Looks, type Remains } from "../../src/reaping/looks.ts";
import { FakeClock, settled } from "../support/fake-clock.ts";

interface Asked {
  readonly at: number;
  readonly since: string;
  readonly values: string;
  readonly roots: readonly string[];
  readonly answer: () => void;
}

function setUp({ isAnswered = true } = {}) {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const guard = {
    look: (since: string, values: string, roots: readonly string[], answer: () => void) => {
      asked.push({ at: clock.now, since, values, roots, answer });
      if (isAnswered) answer();
    },
  };
  const startTimer = (ms: number, callback: () => void) => clock.startTimer(ms, callback);
  const looks = new Looks({ startTimer, now: () => clock.now }, guard);
  const waitFor = () => {
    const waiter = { isOver: false };
    void looks.settled().then(() => {
      waiter.isOver = true;
    });
    return waiter;
  };
  return { clock, asked, looks, waitFor, shown: () => asked.map(({ at, values }) => `${at} ${values}`) };
}

const ended = (mark: number, more: Partial<Remains> = {}): Remains => ({
  mark,
  leader: 1_000 + mark,
  since: "50",
  till: "70",
  below: new Map(),
  ...more,
});

describe("a look", () => {
  test("leaves a tenth of a second to the next worker, and has all that is known of the last", async () => {
    const { clock, looks, asked } = setUp();
    looks.add(ended(3, { below: new Map([[7, "55"], [8, "56"]]) })); // biome-ignore format: one line each
    await clock.advance(100);
    expect(asked).toMatchObject([{ at: 100, values: "3", roots: ["1003:50:70", "7:55", "8:56"] }]);
  });

  test.each([
    { starts: ["1000", "900", "2000"], since: "900" },
    { starts: ["1000", "", "2000"], since: "" },
  ])(
    "begins with the first of the workers that were started at $starts: $since",
    async ({ starts, since }) => {
      const { clock, looks, asked } = setUp();
      for (const [mark, start] of starts.entries()) looks.add(ended(mark, { since: start }));
      await clock.advance(100);
      expect(asked.map((look) => look.since)).toEqual([since]);
    },
  );

  test("comes every 700 ms at most, and ends that come together share one", async () => {
    const { clock, looks, shown } = setUp();
    for (let mark = 1; mark <= 100; mark++) {
      looks.add(ended(mark));
      await clock.advance(20);
    }
    await clock.advance(10_000);
    const times = shown().map((look) => Number(look.split(" ")[0]));
    expect(times).toEqual([100, 800, 1_500, 2_200]);
    expect(shown().flatMap((look) => look.slice(look.indexOf(" ") + 1).split("|"))).toEqual(
      Array.from({ length: 100 }, (_, n) => String(n + 1)),
    );
    expect(clock.pending).toBe(0);
  });

  test("waits for the answer of the last one, however long that takes", async () => {
    const { clock, looks, asked, shown } = setUp({ isAnswered: false });
    looks.add(ended(1));
    await clock.advance(100);
    looks.add(ended(2));
    await clock.advance(4_900);
    expect(shown()).toEqual(["100 1"]);
    asked[0]?.answer();
    await clock.advance(100);
    expect(shown()).toEqual(["100 1", "5100 2"]);
  });

  test("is asked with no more roots than a shell reads quickly; the marks find the rest", async () => {
    const { clock, looks, asked } = setUp();
    const below = new Map(Array.from({ length: 9_000 }, (_, n) => [n + 10, "5"]));
    looks.add(ended(1, { below }));
    await clock.advance(100);
    expect([asked[0]?.roots.length, asked[0]?.roots[0]]).toEqual([4_000, "1001:50:70"]);
  });

  test("does not keep the host alive while it waits for its time", async () => {
    const { clock, looks } = setUp();
    looks.add(ended(1));
    looks.add(ended(2));
    expect([clock.pending, clock.referenced.size]).toEqual([1, 0]);
  });
});

describe("whoever waits", () => {
  test("goes on at once when there is nothing to wait for", async () => {
    const { waitFor, looks } = setUp();
    const early = waitFor();
    looks.add(ended(1));
    const late = waitFor();
    await settled();
    expect([early.isOver, late.isOver]).toEqual([true, true]);
  });

  test("waits for the look that has all that had ended by then", async () => {
    const { clock, looks, waitFor, asked } = setUp({ isAnswered: false });
    looks.add(ended(1));
    const first = waitFor();
    looks.add(ended(2));
    const second = waitFor();
    asked[0]?.answer();
    await settled();
    expect([first.isOver, second.isOver]).toEqual([true, false]);
    await clock.advance(500);
    looks.add(ended(3));
    asked[1]?.answer();
    await settled();
    expect(second.isOver).toBe(true);
    expect(clock.referenced.size).toBe(0);
  });

  test("has its look at once, also where another was just made", async () => {
    const { clock, looks, waitFor, shown } = setUp();
    looks.add(ended(1));
    await clock.advance(100);
    looks.add(ended(2));
    await clock.advance(10);
    const waiter = waitFor();
    await settled();
    expect([waiter.isOver, shown()]).toEqual([true, ["100 1", "110 2"]]);
    await clock.advance(10_000);
    expect([clock.pending, shown().length]).toEqual([0, 2]);
  });

  test("keeps the host alive, and waits no longer than three seconds for a guard that never answers", async () => {
    const { clock, looks, waitFor } = setUp({ isAnswered: false });
    looks.add(ended(1));
    const waiter = waitFor();
    expect(clock.referenced.size).toBe(1);
    await clock.advance(2_999);
    expect(waiter.isOver).toBe(false);
    await clock.advance(1);
    expect([waiter.isOver, clock.referenced.size]).toEqual([true, 0]);
  });
});
