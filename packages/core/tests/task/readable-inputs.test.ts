/** Arguments that are streams of Node's kind: they may fail before anybody reads them. */
import { EventEmitter } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Inputs, iterablePositions } from "../../src/task/inputs.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

/** An `error` event that nobody hears, or a rejection, would end the host. */
const unheard: unknown[] = [];
const onUnheard = (error: unknown) => void unheard.push(error);
beforeEach(() => {
  process.on("uncaughtException", onUnheard);
  process.on("unhandledRejection", onUnheard);
});
afterEach(async () => {
  await settled();
  process.off("uncaughtException", onUnheard);
  process.off("unhandledRejection", onUnheard);
  expect(unheard.splice(0)).toEqual([]);
});

const open = (...args: unknown[]) => new Inputs(args, iterablePositions(args) ?? [], new FakeRuntime());
const silent = () => new Readable({ objectMode: true, read() {} });

/** A link that notes the names of what it is told. */
function recording() {
  const told: string[] = [];
  const link = {
    input: (position: number) => void told.push(`item ${position}`),
    inputEnd: (position: number) => void told.push(`end ${position}`),
    inputFailure: (position: number) => void told.push(`failure ${position}`),
  };
  return { told, link };
}

describe("a readable argument", () => {
  test("is heard from the first moment, and not read", () => {
    let reads = 0;
    const readable = new Readable({ read: () => void reads++ });
    open(readable);
    expect([readable.listenerCount("error"), readable.readableFlowing, reads]).toEqual([1, null, 0]);
  });

  test("that fails while no worker has the call tells that very error, once", async () => {
    const failures: unknown[] = [];
    const readable = silent();
    const inputs = open(5, readable);
    inputs.onFailure = (error) => failures.push(error);
    const error = new Error("mine");
    readable.destroy(error);
    await settled();
    readable.emit("error", new Error("again"));
    expect(failures).toEqual([error]);
  });

  test("that fails before it is read goes to the worker that has the call", async () => {
    const { told, link } = recording();
    const readable = silent();
    const inputs = open(5, readable);
    inputs.onFailure = () => expect.unreachable();
    inputs.connect(link);
    readable.destroy(new Error("mine"));
    await settled();
    inputs.grant(1, 9);
    await settled();
    expect(told).toEqual(["failure 1"]);
  });

  test("whose failure was told to a worker that had not begun is told to the next as well", async () => {
    const [first, second] = [recording(), recording()];
    const readable = silent();
    const inputs = open(readable);
    inputs.connect(first.link);
    readable.destroy(new Error("mine"));
    await settled();
    inputs.connect(undefined);
    inputs.connect(second.link);
    expect([first.told, second.told]).toEqual([["failure 0"], ["failure 0"]]);
  });

  test("that fails when it has been read tells so by its iterator, behind its items", async () => {
    const { told, link } = recording();
    const readable = new PassThrough({ objectMode: true });
    const inputs = open(readable);
    inputs.onFailure = () => expect.unreachable();
    inputs.connect(link);
    inputs.grant(0, 9);
    readable.write("a");
    await settled();
    readable.destroy(new Error("mine"));
    await settled();
    expect(told).toEqual(["item 0", "failure 0"]);
  });

  const ends: [string, (inputs: Inputs) => unknown][] = [
    ["was never read", () => {}],
    ["waits for its next item", (inputs) => inputs.grant(0, 5)],
    ["was stopped by the worker unread", (inputs) => inputs.stop(0)],
  ];
  test.each(ends)(
    "that %s is destroyed with its call, and what it says later is not heard",
    async (_, before) => {
      const { told, link } = recording();
      const readable = new Readable({
        objectMode: true,
        read() {},
        destroy: (_, done) => setImmediate(done, new Error("late")),
      });
      const inputs = open(readable);
      inputs.connect(link);
      before(inputs);
      await settled();
      inputs.dispose();
      expect(readable.destroyed).toBe(true);
      await settled();
      await settled();
      expect([readable.errored?.message, told.includes("failure 0")]).toEqual(["late", false]);
    },
  );

  test("that was read to its end is left alone", async () => {
    let destroys = 0;
    const readable = Readable.from(["a"], { autoDestroy: false, destroy: () => void destroys++ });
    const inputs = open(readable);
    inputs.connect(recording().link);
    inputs.grant(0, 5);
    await settled();
    await settled();
    inputs.dispose();
    expect(destroys).toBe(0);
  });

  test("that fails while it is opened rejects the call with its error", () => {
    const error = new Error("at once");
    const emitter = Object.assign(new EventEmitter(), { [Symbol.asyncIterator]: () => ({ next() {} }) });
    emitter.on("newListener", (name, listener) => name === "error" && listener(error));
    const other = silent();
    expect(() => open(other, emitter)).toThrow(error);
    expect(other.destroyed).toBe(true);
  });
});

describe("an iterable argument that is malformed", () => {
  const throwing = (): never => {
    throw new Error("read");
  };
  test.each<[string, unknown]>([
    ["an async iterator that can't be opened", { [Symbol.asyncIterator]: throwing }],
    ["no iterator", { [Symbol.asyncIterator]: () => undefined }],
    ["a text for an iterator", { [Symbol.asyncIterator]: () => "text" }],
    ["an iterator without `next`", { [Symbol.asyncIterator]: () => ({}) }],
    [
      "an iterator whose `next` can't be read",
      {
        [Symbol.asyncIterator]: () => ({
          get next() {
            return throwing();
          },
        }),
      },
    ],
    [
      "an `on` that can't be read",
      Object.assign(
        Object.create({
          get on() {
            return throwing();
          },
        }),
        { [Symbol.asyncIterator]: () => ({ next() {} }) },
      ),
    ],
    ["an `on` that throws", { on: throwing, [Symbol.asyncIterator]: () => ({ next() {} }) }],
  ])("rejects the call, and lets go of what was opened: %s", (_, bad) => {
    const other = silent();
    expect(() => open(other, bad)).toThrow(/read|Expected the iterator/);
    expect(other.destroyed).toBe(true);
  });

  test.each<[string, () => unknown, string]>([
    ["throws", throwing, "failure 0"],
    ["gives no object", () => 5, "failure 0"],
    ["gives nothing", () => undefined, "failure 0"],
    [
      "gives what can't be read",
      () => ({
        get done() {
          return throwing();
        },
      }),
      "failure 0",
    ],
    [
      "gives a value that can't be read",
      () => ({
        get value() {
          return throwing();
        },
      }),
      "failure 0",
    ],
    ["never gives anything", () => new Promise(() => {}), ""],
    ["is at its end", () => ({ done: 1 }), "end 0"],
  ])("fails where its `next` %s, and is left alone where it has no `return`", async (_, next, expected) => {
    const { told, link } = recording();
    const inputs = open({ [Symbol.asyncIterator]: () => ({ next }) });
    inputs.connect(link);
    inputs.grant(0, 3);
    await settled();
    inputs.dispose();
    await settled();
    expect(told.join()).toBe(expected);
  });

  test.each<[string, object]>([
    ["throws", { return: throwing }],
    ["rejects", { return: () => Promise.reject("no") }],
    [
      "can't be read",
      {
        get return() {
          return throwing();
        },
      },
    ],
    ["never settles", { return: () => new Promise(() => {}) }],
    ["is no function", { return: 5 }],
  ])("is not heard of when its `return` %s", async (_, more) => {
    const { told, link } = recording();
    const iterator = Object.defineProperties(
      { next: () => ({ done: false, value: 1 }) },
      Object.getOwnPropertyDescriptors(more),
    );
    const inputs = open({ [Symbol.asyncIterator]: () => iterator });
    inputs.connect(link);
    inputs.grant(0, 1);
    await settled();
    inputs.dispose();
    await settled();
    expect(told).toEqual(["item 0"]);
  });

  test("is a RangeError where a call can't name its place", () => {
    const at = (place: number) => [...Array.from({ length: place }, () => 1), silent()];
    expect(iterablePositions(at(254))).toEqual([254]);
    expect(() => iterablePositions(at(255))).toThrow(RangeError);
  });

  test("rejects the call where it can't even be read", () => {
    const bad = {
      get [Symbol.asyncIterator]() {
        return throwing();
      },
    };
    expect(() => iterablePositions([1, bad])).toThrow("read");
  });

  test("is a plain value where its async iterator is no function", () => {
    expect(
      iterablePositions([{ [Symbol.asyncIterator]: undefined }, { [Symbol.asyncIterator]: 5 }]),
    ).toBeUndefined();
  });
});
