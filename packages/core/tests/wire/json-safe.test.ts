import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { surveyArguments, surveyJson } from "../../src/wire/json-safe.ts";
import { anyValue } from "../support/arbitraries.ts";
import { difference } from "../support/sameness.ts";
import { SAMPLES } from "../support/samples.ts";

const isJsonSafe = (value: unknown) => surveyJson(value) !== undefined;

/** What the value is after a trip through JSON, compared with the value. */
function lossOf(value: unknown): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? "nothing" : difference(JSON.parse(text), value);
}

function isLostInJson(value: unknown): boolean {
  try {
    return lossOf(value) !== undefined;
  } catch {
    return true; // a cycle or a bigint
  }
}

describe("a value that JSON gives back whole", () => {
  test.each<[string, unknown]>([
    ["a text", "text"],
    ["lone surrogates", "\uD800"],
    ["null", null],
    ["a boolean", false],
    ["a number", -1.5e300],
    ["the smallest number", Number.MIN_VALUE],
    ["an array", [1, [2, ["3"]], []]],
    ["an object", { a: { b: [null, true] }, "": 0 }],
    ["an own `__proto__` key", JSON.parse('{"__proto__": {"a": 1}}')],
    ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
    ["20 objects side by side", Array.from({ length: 20 }, (_, i) => ({ i }))],
    ["objects 90 deep", nested(90)],
  ])("is safe: %s", (_, value) => {
    expect(isJsonSafe(value)).toBe(true);
    expect(lossOf(value)).toBeUndefined();
  });

  test("is never one that JSON would change, for any value", () => {
    let safe = 0;
    fc.assert(
      fc.property(anyValue, (value) => {
        if (!isJsonSafe(value)) return;
        safe++;
        expect(lossOf(value)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
    expect(safe).toBeGreaterThan(50);
  });

  test("is any value that JSON can write", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)); // takes -0 away
        expect(isJsonSafe(plain)).toBe(true);
      }),
    );
  });
});

describe("a value that JSON would change or refuse", () => {
  test("is found out, for every value of the fidelity suite", () => {
    let lost = 0;
    for (const { make, title } of SAMPLES) {
      const value = make();
      // JSON would write out each of the holes.
      const isLost = Array.isArray(value) && value.length > 1e6 ? true : isLostInJson(value);
      if (!isLost) continue;
      lost++;
      expect(isJsonSafe(value), title).toBe(false);
      expect(isJsonSafe([{ a: value }]), title).toBe(false);
    }
    // A negative control of the suite as well: its comparison sees what JSON loses.
    expect(lost).toBeGreaterThan(100);
  });

  test.each<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["a function", () => () => {}],
    ["a symbol", () => Symbol("a")],
    ["a bigint", () => 1n],
    ["NaN", () => Number.NaN],
    ["infinity", () => Number.NEGATIVE_INFINITY],
    ["minus zero", () => -0],
    ["a date", () => new Date(0)],
    ["a class instance", () => new (class Point {})()],
    ["a boxed text", () => Object("a")],
    ["an object met twice", () => [EMPTY, EMPTY]],
    [
      "an object met twice after many others",
      () => [EMPTY, ...Array.from({ length: 50 }, () => ({})), EMPTY],
    ],
    ["an object in itself", () => Object.assign([] as unknown[], { 0: EMPTY, 1: EMPTY })],
    // biome-ignore lint/suspicious/noSparseArray: that is what it is a sample of
    ["a hole", () => [1, , 2]],
    ["a property that is undefined", () => ({ a: undefined })],
    ["a property of an array", () => Object.assign([1], { a: 1 })],
    ["a subclass of Array", () => new (class List extends Array {})()],
    ["a toJSON of its own", () => ({ toJSON: () => 1 })],
    ["a hidden toJSON", () => Object.defineProperty({ a: 1 }, "toJSON", { value: () => 1 })],
    ["values deeper than JSON should recurse", () => nested(5_000)],
    [
      "an array whose hidden element makes room for a property",
      () => Object.assign(Object.defineProperty([1, 2], 0, { enumerable: false }), { a: 3 }),
    ],
  ])("is not safe: %s", (_, make) => {
    expect(isJsonSafe(make())).toBe(false);
    expect(isJsonSafe({ a: [make()] })).toBe(false);
  });

  const EMPTY = {};
});

function nested(depth: number): unknown {
  let value: unknown = {};
  for (let i = 0; i < depth; i++) value = { value };
  return value;
}

describe("the arguments of a call", () => {
  const SHARED = {};

  test.each<[string, unknown[], boolean]>([
    ["none", [], true],
    ["primitives", [1, "2", true, false], true],
    ["a plain value", [1, { a: [null] }], true],
    ["a property of the list", Object.assign([1], { a: 1n }), true],
    ["a list of another class", class List extends Array {}.of("a", "b"), true],
    [
      "what JSON changes, behind an iterator that hides it",
      Object.assign([-0], { [Symbol.iterator]: hiding }),
      false,
    ],
    [
      "an object that JSON changes, behind one that does not end",
      Object.assign([new Map()], { [Symbol.iterator]: endless }),
      false,
    ],
    ["a hole", new Array(1), false],
    ["minus zero behind others", [1, "2", -0], false],
    ["undefined", [undefined], false],
    ["a bigint", [1n], false],
    ["an object met twice", [SHARED, SHARED], false],
    ["a list in itself", inItself(), false],
    ["a list with a toJSON", Object.assign([1], { toJSON: () => 2 }), false],
    ["a property of an array among them", [Object.assign([1], { a: 1 })], false],
  ])("are safe or not: %s", (_, args, isSafe) => {
    expect(surveyArguments(args) !== undefined).toBe(isSafe);
  });

  test("are safe if and only if a plain list of them is", () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 4 }), (args) => {
        expect(surveyArguments(args) !== undefined).toBe(surveyJson(args) !== undefined);
      }),
      { numRuns: 500 },
    );
  });

  function* hiding() {}
  function* endless() {
    for (;;) yield 1;
  }
  function inItself(): unknown[] {
    const args: unknown[] = [];
    args.push(args);
    return args;
  }
});
