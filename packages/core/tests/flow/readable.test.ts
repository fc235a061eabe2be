import { EventEmitter } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { abandon, isReadable } from "../../src/flow/readable.ts";
import { settled } from "../support/fake-clock.ts";

/** Throws wherever it is touched. */
const hostile = () => {
  const refuse = (): never => {
    throw new Error("touched");
  };
  return {
    get on() {
      return refuse();
    },
    get destroy() {
      return refuse();
    },
    get [Symbol.asyncIterator]() {
      return refuse();
    },
  };
};

describe("a readable", () => {
  test.each<[string, unknown, boolean]>([
    ["a Readable", new Readable({ read() {} }), true],
    ["a PassThrough", new PassThrough(), true],
    ["what has `on` and an async iterator", { on() {}, [Symbol.asyncIterator]() {} }, true],
    ["a web stream", new ReadableStream(), false],
    ["an emitter", new EventEmitter(), false],
    ["an async generator", (async function* () {})(), false],
    ["null", null, false],
    ["a text", "text", false],
  ])("is %s: %j", (_, value, is) => {
    expect(isReadable(value)).toBe(is);
  });

  test("that is abandoned is destroyed, and what it says later is not heard", async () => {
    const late = new Readable({ read() {}, destroy: (_, done) => done(new Error("late")) });
    abandon(late);
    await settled();
    expect([late.destroyed, late.errored?.message]).toEqual([true, "late"]);
  });

  test("is left alone when it is none, and whatever it throws", () => {
    const emitter = Object.assign(new EventEmitter(), { destroy: () => expect.unreachable() });
    for (const value of [undefined, 5, emitter, hostile(), { on: hostile, [Symbol.asyncIterator]() {} }])
      abandon(value);
    expect(() => emitter.emit("error", new Error("unheard"))).toThrow("unheard"); // the control
  });
});
