import { describe, expect, test } from "vitest";
import { Receiver } from "../../src/flow/receiver.ts";
import { WINDOW } from "../../src/wire/frame.ts";
import { many } from "../support/effort.ts";

function setUp(stopped: Promise<void> = Promise.resolve()) {
  const pulls: number[] = [];
  let stops = 0;
  const receiver = new Receiver({
    pull: (count) => void pulls.push(count),
    stop: () => {
      stops++;
      return stopped;
    },
  });
  return {
    receiver,
    pulls,
    get stops() {
      return stops;
    },
    /** Asked for so far. */
    get asked() {
      return pulls.reduce((sum, count) => sum + count, 0);
    },
  };
}

const isOver = { done: true, value: undefined };

describe("what a receiver asks for", () => {
  test("is nothing before the first `next()`, and then the window", () => {
    const { receiver, pulls } = setUp();
    expect(pulls).toEqual([]);
    void receiver.next();
    expect(pulls).toEqual([WINDOW]);
  });

  test("is never more than the window beyond what was taken, and never a few at a time", async () => {
    const flow = setUp();
    const first = flow.receiver.next();
    let sent = 0;
    for (let taken = 0; taken < 100; taken++) {
      while (sent < flow.asked) flow.receiver.push(sent++);
      expect(flow.receiver.isFull).toBe(true);
      expect(flow.asked).toBeLessThanOrEqual(taken + 1 + WINDOW);
      const step = taken === 0 ? await first : await flow.receiver.next();
      expect(step).toEqual({ done: false, value: taken });
    }
    expect(Math.min(...flow.pulls)).toBeGreaterThanOrEqual(WINDOW / 2);
  });

  test("is nothing more while nobody takes anything", () => {
    const flow = setUp();
    void flow.receiver.next();
    for (let i = 0; i < WINDOW; i++) flow.receiver.push(i);
    expect(flow.pulls).toEqual([WINDOW]);
    expect(flow.receiver.isFull).toBe(true);
  });

  test("goes on for many that wait at the same time", async () => {
    const flow = setUp();
    const waiting = Array.from({ length: 3 * WINDOW }, () => flow.receiver.next());
    for (let sent = 0; sent < 3 * WINDOW; sent++) {
      expect(flow.asked).toBeGreaterThan(sent);
      flow.receiver.push(sent);
    }
    expect((await Promise.all(waiting)).map(({ value }) => value)).toEqual(
      Array.from({ length: 3 * WINDOW }, (_, i) => i),
    );
  });

  test("is nothing after the end", async () => {
    const flow = setUp();
    const first = flow.receiver.next();
    for (let i = 0; i < WINDOW; i++) flow.receiver.push(i);
    flow.receiver.end(undefined);
    await first;
    const before = flow.asked;
    for (let i = 1; i < WINDOW; i++) await flow.receiver.next();
    expect(await flow.receiver.next()).toEqual(isOver);
    expect(flow.asked).toBe(before);
  });
});

describe("an end", () => {
  test("comes after the items that wait, with its value, once", async () => {
    const { receiver } = setUp();
    const first = receiver.next();
    for (const value of ["a", "b"]) receiver.push(value);
    receiver.end("returned");
    expect([await first, await receiver.next()].map(({ value }) => value)).toEqual(["a", "b"]);
    expect(await receiver.next()).toEqual({ done: true, value: "returned" });
    expect(await receiver.next()).toEqual(isOver);
  });

  test("comes to all that wait: its value to the first", async () => {
    const { receiver } = setUp();
    const waiting = [receiver.next(), receiver.next()];
    receiver.end("returned");
    expect(await Promise.all(waiting)).toEqual([{ done: true, value: "returned" }, isOver]);
  });

  test("that is a failure comes after the items that wait, to one that asks", async () => {
    const { receiver } = setUp();
    const error = new Error("mine");
    const first = receiver.next();
    receiver.push("a");
    receiver.push("b");
    receiver.fail(error);
    receiver.end("too late");
    expect([(await first).value, (await receiver.next()).value]).toEqual(["a", "b"]);
    await expect(receiver.next()).rejects.toBe(error);
    expect(await receiver.next()).toEqual(isOver);
  });

  test("that is a failure rejects the first that waits, and ends the others", async () => {
    const { receiver } = setUp();
    const waiting = [receiver.next(), receiver.next()];
    receiver.fail("thrown");
    expect(await Promise.allSettled(waiting)).toEqual([
      { status: "rejected", reason: "thrown" },
      { status: "fulfilled", value: isOver },
    ]);
  });

  test("that is an abort drops the items that wait", async () => {
    const { receiver } = setUp();
    const first = receiver.next();
    for (const value of ["a", "b"]) receiver.push(value);
    receiver.abort("given up");
    expect((await first).value).toBe("a"); // was delivered before
    await expect(receiver.next()).rejects.toBe("given up");
    expect(await receiver.next()).toEqual(isOver);
  });

  test("is not taken for the end of the whole when an abort has dropped what came before it", async () => {
    const { receiver } = setUp();
    const first = receiver.next();
    for (const value of ["a", "b"]) receiver.push(value);
    receiver.end("returned");
    receiver.abort("given up");
    await first;
    await expect(receiver.next()).rejects.toBe("given up");
  });

  test("is not changed by an abort that comes after the last item", async () => {
    const { receiver } = setUp();
    const first = receiver.next();
    receiver.push("a");
    receiver.end("returned");
    receiver.abort("given up");
    await first;
    expect(await receiver.next()).toEqual({ done: true, value: "returned" });
  });
});

describe("a consumer that wants no more", () => {
  test("is done when the producer has ended, and drops what still comes", async () => {
    let release: () => void = () => {};
    const flow = setUp(new Promise((resolve) => (release = resolve)));
    const first = flow.receiver.next();
    flow.receiver.push("a");
    flow.receiver.push("b");
    await first;
    let isDone = false;
    const returned = flow.receiver.return("value").then((step) => {
      isDone = true;
      return step;
    });
    flow.receiver.push("c");
    await new Promise((resolve) => setImmediate(resolve));
    expect([isDone, flow.stops]).toEqual([false, 1]);
    release();
    expect(await returned).toEqual({ done: true, value: "value" });
    expect(await flow.receiver.next()).toEqual(isOver);
  });

  test("ends all that wait", async () => {
    const flow = setUp();
    const waiting = [flow.receiver.next(), flow.receiver.next()];
    await flow.receiver.return();
    expect(await Promise.all(waiting)).toEqual([isOver, isOver]);
  });

  test("says so once, and not at all after the end", async () => {
    const twice = setUp();
    await twice.receiver.return();
    await twice.receiver.return();
    expect(twice.stops).toBe(1);
    const ended = setUp();
    ended.receiver.end(undefined);
    await ended.receiver.return();
    expect(ended.stops).toBe(0);
  });

  test("hears nothing of a failure that comes later", async () => {
    const { receiver } = setUp();
    void receiver.next();
    await receiver.return();
    receiver.fail("too late");
    receiver.abort("too late");
    expect(await receiver.next()).toEqual(isOver);
  });

  test("is what `break` makes of it", async () => {
    const flow = setUp();
    const values: unknown[] = [];
    queueMicrotask(() => ["a", "b", "c"].forEach((value) => void flow.receiver.push(value)));
    for await (const value of flow.receiver) {
      values.push(value);
      if (value === "b") break;
    }
    expect([values, flow.stops]).toEqual([["a", "b"], 1]);
  });
});

test("very many that wait at the same time are served in order", async () => {
  const count = many(200_000);
  const { receiver, pulls } = setUp();
  const waiting = Array.from({ length: count }, () => receiver.next());
  for (let i = 0; i < count; i++) receiver.push(i);
  expect((await Promise.all(waiting)).every(({ value }, i) => value === i)).toBe(true);
  expect(pulls.length).toBeGreaterThan(1);
});

test("a flow that is revoked rejects whoever waits, and is no unhandled rejection where nobody does", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  const [heard, unheard] = [setUp().receiver, setUp().receiver];
  const next = heard.next();
  void unheard.next();
  for (const receiver of [heard, unheard]) receiver.revoke("revoked");
  await expect(next).rejects.toBe("revoked");
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled).toEqual([]);
});
