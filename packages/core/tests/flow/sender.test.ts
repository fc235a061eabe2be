import { describe, expect, test } from "vitest";
import { Sender, type Source, sourceOf } from "../../src/flow/sender.ts";
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
    ["whose step is nothing", { next: () => undefined }],
    ["whose step is a number", { next: () => 5 }],
    [
      "whose step can't be read",
      {
        next: () => ({
          get done() {
            throw new Error("mine");
          },
        }),
      },
    ],
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

describe("a sender whose source fails by itself", () => {
  test("fails at once, and asks for nothing more", async () => {
    let asked = 0;
    const { sender, told } = record({ [Symbol.iterator]: () => ({ next: () => ({ value: ++asked }) }) });
    expect(sender.hasStarted).toBe(false);
    sender.fail("by itself");
    sender.fail("again");
    sender.grant(5);
    sender.stop();
    await settled();
    expect([asked, told]).toEqual([0, [["fail", "by itself"]]]);
  });

  test("says nothing of it once it is stopped", async () => {
    const { sender, told } = record([1]);
    sender.stop();
    sender.fail("by itself");
    await settled();
    expect(told).toEqual([["end", undefined]]);
  });

  test("says whether it has started, and whether it waits", async () => {
    let give: (step: unknown) => void = () => {};
    const source = { next: () => new Promise((resolve) => (give = resolve)) };
    const { sender } = record({ [Symbol.asyncIterator]: () => source });
    expect([sender.hasStarted, sender.isWaiting]).toEqual([false, false]);
    sender.grant(1);
    expect([sender.hasStarted, sender.isWaiting]).toEqual([true, true]);
    give({ value: 1 });
    await settled();
    expect([sender.hasStarted, sender.isWaiting]).toEqual([true, false]);
  });
});
