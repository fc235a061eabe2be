import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Receiver } from "../../src/flow/receiver.ts";
import { Sender, type Source, sourceOf } from "../../src/flow/sender.ts";
import { WINDOW } from "../../src/wire/frame.ts";
import { settled } from "../support/fake-clock.ts";

type Told = [string, unknown][];

/** What a sender does, as one list. */
function record(source: unknown, onItem: (item: unknown) => void = () => {}, told: Told = []) {
  const sender = new Sender(sourceOf(source) as Source, {
    onItem: (item) => {
      onItem(item);
      told.push(["item", item]);
    },
    onEnd: (value) => void told.push(["end", value]),
    onFail: (error) => void told.push(["fail", error]),
  });
  return { sender, told };
}

describe("a sender", () => {
  test("reads nothing before it is asked, and no more than it is asked for", async () => {
    let read = 0;
    const { sender, told } = record(
      (function* () {
        for (;;) yield read++;
      })(),
    );
    await settled();
    expect(read).toBe(0);
    for (const [granted, expected] of [
      [3, 3],
      [0, 3],
      [2, 5],
    ] as const) {
      sender.grant(granted);
      await settled();
      expect([read, told.length]).toEqual([expected, expected]);
    }
  });

  test("asks for one at a time, in order, however it is granted", async () => {
    let [asked, most, next] = [0, 0, 0];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          most = Math.max(most, ++asked);
          await settled();
          asked--;
          return { done: false, value: next++ };
        },
      }),
    };
    const { sender, told } = record(source);
    for (let i = 0; i < 5; i++) sender.grant(2);
    while (told.length < 10) await settled();
    expect([most, told.map(([, value]) => value)]).toEqual([1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]);
  });

  test("tells the end with its value, once", async () => {
    const { sender, told } = record(
      (async function* () {
        yield 1;
        return "returned";
      })(),
    );
    sender.grant(9);
    await settled();
    sender.grant(9);
    sender.stop();
    await settled();
    expect(told).toEqual([
      ["item", 1],
      ["end", "returned"],
    ]);
  });

  test("tells what was thrown after the items before it, once", async () => {
    const error = new Error("mine");
    const { sender, told } = record(
      (async function* () {
        yield 1;
        throw error;
      })(),
    );
    sender.grant(9);
    await settled();
    sender.stop();
    await settled();
    expect(told).toEqual([
      ["item", 1],
      ["fail", error],
    ]);
  });

  test.each<[string, Source]>([
    [
      "that throws at once",
      {
        next: () => {
          throw new Error("mine");
        },
      },
    ],
    ["whose step is no object", { next: () => undefined }],
  ])("fails with a source %s", async (_, source) => {
    const { sender, told } = record({ [Symbol.iterator]: () => source });
    sender.grant(1);
    await settled();
    expect(told).toEqual([["fail", expect.any(Error)]]);
  });

  test("that is stopped ends its generator, `finally` included, and then the flow", async () => {
    const told: Told = [];
    const { sender } = record(
      (async function* () {
        try {
          for (;;) yield 1;
        } finally {
          await settled();
          told.push(["finally", undefined]);
        }
      })(),
      undefined,
      told,
    );
    sender.grant(1);
    await settled();
    sender.stop();
    sender.stop();
    sender.grant(5);
    await settled();
    await settled();
    expect(told).toEqual([
      ["item", 1],
      ["finally", undefined],
      ["end", undefined],
    ]);
  });

  test("that is stopped while its generator waits sends nothing more", async () => {
    let release: () => void = () => {};
    const told: Told = [];
    const { sender } = record(
      (async function* () {
        try {
          await new Promise<void>((resolve) => (release = resolve));
          yield "too late";
        } finally {
          told.push(["finally", undefined]);
        }
      })(),
      undefined,
      told,
    );
    sender.grant(5);
    await settled();
    sender.stop();
    await settled();
    expect(told).toEqual([]); // until what it waits for has come
    release();
    await settled();
    expect(told).toEqual([
      ["finally", undefined],
      ["end", undefined],
    ]);
  });

  test.each<[string, () => unknown, unknown]>([
    [
      "throws",
      () => {
        throw "thrown";
      },
      "thrown",
    ],
    ["rejects", () => Promise.reject("rejected"), "rejected"],
  ])("that is stopped fails when the end of its source %s", async (_, end, error) => {
    const { sender, told } = record({
      [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return: end }),
    });
    sender.grant(1);
    await settled();
    sender.stop();
    await settled();
    expect(told).toEqual([
      ["item", 1],
      ["fail", error],
    ]);
  });

  test("that is stopped before it was asked runs nothing of its generator", async () => {
    let hasRun = false;
    const { sender, told } = record(
      (function* () {
        hasRun = true;
        yield 1;
      })(),
    );
    sender.stop();
    sender.grant(1);
    await settled();
    expect([hasRun, told]).toEqual([false, [["end", undefined]]]);
  });

  test("fails with what an item that can't be sent throws, and ends its generator first", async () => {
    const told: Told = [];
    const { sender } = record(
      (function* () {
        try {
          yield 1;
          yield 2;
          yield 3;
        } finally {
          told.push(["finally", undefined]);
        }
      })(),
      (item) => {
        if (item === 2) throw "can't be sent";
      },
      told,
    );
    sender.grant(9);
    await settled();
    expect(told).toEqual([
      ["item", 1],
      ["finally", undefined],
      ["fail", "can't be sent"],
    ]);
  });
});

describe("the source of a value", () => {
  test.each<[string, unknown]>([
    ["an array", [1]],
    ["a set", new Set([1])],
    [
      "a generator",
      (function* () {
        yield 1;
      })(),
    ],
    [
      "an async generator",
      (async function* () {
        yield 1;
      })(),
    ],
  ])("is %s's own iterator", async (_, value) => {
    expect(await sourceOf(value)?.next()).toEqual({ done: false, value: 1 });
  });

  test("is the async one where there are two", async () => {
    const both = {
      [Symbol.iterator]: () => ({ next: () => ({ done: false, value: "sync" }) }),
      [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: "async" }) }),
    };
    expect(await sourceOf(both)?.next()).toEqual({ done: false, value: "async" });
  });

  test.each([undefined, null, 5, "text", {}, () => {}, new Promise(() => {})])("is none for %s", (value) => {
    expect(sourceOf(value)).toBeUndefined();
  });
});

test("through any channel a flow keeps its order and its window, tells its end last, and stops when asked", async () => {
  const flow = fc.record({
    items: fc.nat(60),
    end: fc.constantFrom("return", "throw"),
    /** Taken before the consumer wants no more; more than there are is all of them. */
    takes: fc.nat(90),
    /** What happens next: something arrives there, or here, or the consumer goes on. */
    lots: fc.infiniteStream(fc.constantFrom("there", "here", "consume")),
  });
  await fc.assert(
    fc.asyncProperty(flow, async ({ items, end, takes, lots }) => {
      let [yielded, isClosed] = [0, false];
      const there: (() => void)[] = [];
      const here: (() => void)[] = [];
      async function* source() {
        try {
          while (yielded < items) yield yielded++;
          if (end === "throw") throw "thrown";
          return "returned";
        } finally {
          isClosed = true;
        }
      }
      let ended: () => void = () => {};
      const receiver = new Receiver({
        pull: (count) => void there.push(() => sender.grant(count)),
        stop: () => {
          there.push(() => sender.stop());
          return new Promise((resolve) => (ended = resolve));
        },
      });
      const tell = (action: () => void) => void here.push(action);
      const sender = new Sender(sourceOf(source()) as Source, {
        onItem: (item) => tell(() => receiver.push(item)),
        onEnd: (value) => tell(() => [receiver.end(value), ended()]),
        onFail: (error) => tell(() => [receiver.fail(error), ended()]),
      });
      const taken: unknown[] = [];
      let outcome: unknown;
      let isWaiting = false;
      const consume = () => {
        if (isWaiting || outcome !== undefined) return;
        isWaiting = true;
        const step =
          taken.length < takes
            ? receiver.next()
            : receiver.return("broken").then((s) => ({ ...s, done: true }));
        step.then(
          ({ done, value }) => {
            isWaiting = false;
            if (done) outcome = value;
            else taken.push(value);
          },
          (error: unknown) => (outcome = error),
        );
      };
      for (let step = 0; outcome === undefined; step++) {
        if (step > 5_000) expect.fail("the flow stands still");
        const lot = lots.next().value;
        if (lot === "consume") consume();
        else (lot === "there" ? there : here).shift()?.();
        for (let i = 0; i < 10; i++) await undefined;
        expect(yielded).toBeLessThanOrEqual(taken.length + WINDOW + 1);
      }
      const isBroken = takes <= items;
      const count = Math.min(takes, items);
      expect(taken).toEqual(Array.from({ length: count }, (_, i) => i));
      expect(outcome).toBe(isBroken ? "broken" : end === "throw" ? "thrown" : "returned");
      if (yielded > 0) expect(isClosed).toBe(true);
    }),
    { numRuns: 300 },
  );
});
