import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type Kind, kindOf, tagOf, viewName } from "../../src/wire/kind-of.ts";
import { difference } from "../support/sameness.ts";
import { TYPED_ARRAYS } from "../support/samples.ts";
import { transfer } from "../support/transfer.ts";

const OBJECTS: readonly (readonly [Kind, () => object])[] = [
  ["Object", () => ({})],
  ["Object", () => Object.create(null)],
  ["Object", () => new (class Point {})()],
  ["Object", () => Object.create({ inherited: 1 })],
  ["Array", () => []],
  ["Array", () => new (class List extends Array {})()],
  ["View", () => new Uint8Array(1)],
  ["View", () => new DataView(new ArrayBuffer(1))],
  ["ArrayBuffer", () => new ArrayBuffer(1)],
  ["SharedArrayBuffer", () => new SharedArrayBuffer(1)],
  ["Date", () => new Date(0)],
  ["RegExp", () => /a/],
  ["Map", () => new Map()],
  ["Set", () => new Set()],
  ["Boolean", () => Object(true)],
  ["Number", () => Object(1)],
  ["String", () => Object("a")],
  ["BigInt", () => Object(1n)],
  ["Error", () => new Error("a")],
  ["Error", () => new AggregateError([])],
  ["DOMException", () => new DOMException("a")],
  ["Platform", () => Promise.resolve()],
  ["Platform", () => new WeakMap()],
  ["Platform", () => new URL("https://example.com")],
  ["Platform", () => (function* () {})()],
  ["Platform", () => Object(Symbol("a"))],
];

describe("what an object is", () => {
  test.each(OBJECTS)("is found: %s", (kind, make) => {
    expect(kindOf(make())).toBe(kind);
  });

  test.each(OBJECTS.filter(([kind]) => kind !== "Platform"))(
    "is found whatever it calls itself: %s",
    (kind, make) => {
      for (const value of ["Map", "Date", "Error", "String", "Uint8Array", "Own", ""]) {
        const disguised = Object.assign(Object.defineProperty(make(), Symbol.toStringTag, { value }), {
          own: 1,
        });
        expect(kindOf(disguised), value).toBe(kind);
      }
    },
  );

  test.each(["Map", "Set", "Date", "RegExp", "ArrayBuffer", "String"] as const)(
    "is no %s for the prototype alone",
    (name) => {
      const fake = Object.create(globalThis[name].prototype) as object;
      expect(kindOf(Object.assign(fake, { own: 1 }))).not.toBe(name);
    },
  );

  test("is an array also without its prototype", () => {
    const bare = Object.setPrototypeOf([1, -0], null) as object;
    expect(kindOf(bare)).toBe("Array");
    expect(difference(transfer([bare]), [[1, -0]])).toBeUndefined();
  });
});

describe("an object of another realm", () => {
  test.each<[Kind, string, () => unknown]>([
    ["Object", "({ a: 1 })", () => ({ a: 1 })],
    ["Array", "[1, -0]", () => [1, -0]],
    ["Map", "new Map([[1, 2]])", () => new Map([[1, 2]])],
    ["Set", "new Set([1])", () => new Set([1])],
    ["Date", "new Date(5)", () => new Date(5)],
    ["RegExp", "/a/g", () => /a/g],
    ["Number", "Object(5)", () => Object(5)],
    ["View", "Uint8Array.of(1, 2)", () => Uint8Array.of(1, 2)],
    ["ArrayBuffer", "Uint8Array.of(1, 2).buffer", () => Uint8Array.of(1, 2).buffer],
  ])("is known and arrives as one of this realm: %s", (kind, code, make) => {
    const foreign = runInNewContext(code) as object;
    expect(Object.getPrototypeOf(foreign)).not.toBe(Object.getPrototypeOf(make()));
    expect(kindOf(foreign)).toBe(kind);
    expect(difference(transfer([foreign, -0]), [make(), -0])).toBeUndefined();
  });

  test("that is an error arrives as an error with its name, message and own properties", () => {
    const foreign = runInNewContext("Object.assign(new TypeError('a'), { status: 1 })") as object;
    expect(kindOf(foreign)).toBe("Error");
    const received = transfer(foreign);
    expect(received).toBeInstanceOf(Error);
    expect(received).toMatchObject({ name: "TypeError", message: "a", status: 1 });
  });
});

describe("the name of a view", () => {
  test.each(TYPED_ARRAYS)("is that of its class: %s", (name) => {
    const View = (globalThis as never as Record<string, new (length: number) => ArrayBufferView>)[name];
    const view = new (View as NonNullable<typeof View>)(1);
    expect(viewName(view)).toBe(name);
    expect(viewName(Object.defineProperty(view, Symbol.toStringTag, { value: "Map" }))).toBe(name);
  });

  test("of a DataView is DataView, and of a Buffer that of its base", () => {
    expect(viewName(new DataView(new ArrayBuffer(1)))).toBe("DataView");
    expect(viewName(new (class Bytes extends Uint8Array {})(1))).toBe("Uint8Array");
  });
});

test("the tag is what an object says of itself", () => {
  expect([tagOf([]), tagOf(new Map()), tagOf({ [Symbol.toStringTag]: "Own" })]).toEqual([
    "Array",
    "Map",
    "Own",
  ]);
});
