/** What was thrown may be anything: it is put into words, or it is said that it can't be. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { messageOf, stackOf } from "../src/message-of.ts";
import { anyValue } from "./support/arbitraries.ts";

const thrower = () => {
  throw new Error("nobody may ask");
};

const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};

/** An error with this of its own. The stack first: Bun reads the message to make it. */
const errorWith = (own: PropertyDescriptorMap) => Object.defineProperties(new Error("told"), own);

const UNSPEAKABLE = /^something that can't be put into words \((object|function)\)$/;

describe("what has words", () => {
  test.each<[string, unknown, string]>([
    ["an error", new RangeError("too far"), "too far"],
    ["an error without a message", new Error(), ""],
    ["a text", "text", "text"],
    ["a number", -0, "0"],
    ["a bigint", 5n, "5"],
    ["a symbol", Symbol("odd"), "Symbol(odd)"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["a list", [1, [2]], "1,2"],
    ["an object", {}, "[object Object]"],
    ["an object with words of its own", { toString: () => "mine" }, "mine"],
    ["an error whose message is a number", errorWith({ message: { value: 7 } }), "7"],
    ["an error whose message is a symbol", errorWith({ message: { value: Symbol("m") } }), "Symbol(m)"],
    ["an error whose message is an object", errorWith({ message: { value: { a: 1 } } }), "[object Object]"],
    ["an error whose message is undefined", errorWith({ message: { value: undefined } }), "undefined"],
    ["an error whose name is a symbol", errorWith({ name: { value: Symbol("n") } }), "told"],
    ["an error whose name throws", errorWith({ name: { get: thrower } }), "told"],
    ["an error whose stack throws", errorWith({ stack: { get: thrower } }), "told"],
  ])("%s", (_, thrown, words) => {
    expect(messageOf(thrown)).toBe(words);
  });

  test("an error with its stack, or what else there is", () => {
    const error = new Error("told");
    expect(stackOf(error)).toBe(error.stack);
    expect(stackOf(errorWith({ stack: { value: undefined } }))).toBe("told");
    expect(stackOf(errorWith({ stack: { value: 5 } }))).toBe("5");
    expect(stackOf("text")).toBe("text");
  });
});

describe("what has none", () => {
  // Given by functions: a runner that shows them would ask them for words.
  test.each<[string, () => unknown]>([
    ["an object whose ways to a text are none", () => ({ toString: 1, valueOf: 1 })],
    ["an object without a prototype", () => Object.create(null)],
    ["an object whose text throws", () => ({ toString: thrower })],
    ["an object whose text is an object", () => ({ toString: () => ({}), valueOf: () => ({}) })],
    ["an object that gives a symbol", () => ({ [Symbol.toPrimitive]: () => Symbol("odd") })],
    ["an object that throws itself", () => ({ [Symbol.toPrimitive]: thrower })],
    ["a revoked proxy", () => revoked({})],
    ["a revoked proxy of a function", () => revoked(() => {})],
    ["a revoked proxy of an error", () => revoked(new Error("gone"))],
    ["a proxy without a prototype to ask for", () => new Proxy({}, { getPrototypeOf: thrower })],
    [
      "an error whose message throws",
      () => errorWith({ stack: { get: thrower }, message: { get: thrower } }),
    ],
    [
      "an error whose message has no words",
      () =>
        errorWith({ stack: { value: Object.create(null) }, message: { value: { toString: 1, valueOf: 1 } } }),
    ],
  ])("%s", (_, make) => {
    const thrown = make();
    expect(messageOf(thrown)).toMatch(UNSPEAKABLE);
    expect(stackOf(thrown)).toMatch(UNSPEAKABLE);
  });
});

test("anything at all gives a text, and throws nothing", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      expect([typeof messageOf(value), typeof stackOf(value)]).toEqual(["string", "string"]);
    }),
  );
});
