import { describe, expect, test } from "vitest";
import { sourceOf } from "../../src/flow/sender.ts";

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

  test.each<[string, unknown]>([
    ["that is nothing", undefined],
    ["that is a text", "text"],
    ["without `next`", {}],
    ["whose `next` is no function", { next: 5 }],
  ])("is a TypeError for an iterator %s", (_, iterator) => {
    for (const key of [Symbol.iterator, Symbol.asyncIterator]) {
      expect(() => sourceOf({ [key]: () => iterator })).toThrow("Expected the iterator");
    }
  });

  test("is the sync one where the async one is none", () => {
    const value = { [Symbol.asyncIterator]: null, [Symbol.iterator]: () => [1].values() };
    expect(sourceOf(value)?.next()).toEqual({ done: false, value: 1 });
  });

  test.each([undefined, null, 5, "text", {}, () => {}, new Promise(() => {})])("is none for %s", (value) => {
    expect(sourceOf(value)).toBeUndefined();
  });
});
