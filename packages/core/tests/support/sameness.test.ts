import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyValue } from "./arbitraries.ts";
import { some } from "./effort.ts";
import { difference } from "./sameness.ts";
import { SAMPLES } from "./samples.ts";

const shared = { a: 1 };
const buffer = new ArrayBuffer(8);
const resizable = (length: number, maxByteLength: number): ArrayBuffer =>
  new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(length, {
    maxByteLength,
  });
const failure = (message: string, own: object = {}): Error =>
  Object.assign(new Error(message), { stack: "at a" }, own);

const exception = (own: object): DOMException =>
  Object.assign(new DOMException("a", "AbortError"), { stack: "at a" }, own);
// biome-ignore lint/suspicious/noExplicitAny: no library of types here has it
const linkError = (): Error => new (globalThis as any).WebAssembly.LinkError("a");

describe("the comparison of the fidelity suite", () => {
  test.each<[string, received: unknown, original: unknown]>([
    ["0 for -0", 0, -0],
    ["null for undefined", null, undefined],
    ["null for NaN", null, Number.NaN],
    ["a number for a bigint", 1, 1n],
    ["a text for a date", "1970-01-01T00:00:00.000Z", new Date(0)],
    ["another date", new Date(1), new Date(0)],
    ["a valid date for an invalid one", new Date(0), new Date(Number.NaN)],
    ["an object for a map", {}, new Map()],
    ["an object for an array", {}, []],
    [
      "another order of a map",
      new Map([
        [2, 2],
        [1, 1],
      ]),
      new Map([
        [1, 1],
        [2, 2],
      ]),
    ],
    ["another order of a set", new Set([2, 1]), new Set([1, 2])],
    ["a smaller set", new Set([1]), new Set([1, 2])],
    ["other flags", /a/g, /a/],
    ["undefined for a hole", [undefined], new Array(1)],
    ["a hole for undefined", new Array(1), [undefined]],
    ["a shorter array", [], new Array(1)],
    ["an array without its property", [1], Object.assign([1], { a: 1 })],
    ["an object without its property", {}, { a: undefined }],
    ["an object with one property more", { a: 1 }, {}],
    ["another order of keys", { b: 1, a: 1 }, { a: 1, b: 1 }],
    [
      "a prototype for an own `__proto__` key",
      Object.setPrototypeOf({}, shared),
      JSON.parse('{"__proto__":{"a":1}}'),
    ],
    ["a class instance for a plain object", new (class Point {})(), {}],
    ["no prototype for a plain object", Object.create(null), {}],
    ["a hidden property for a visible one", Object.defineProperty({}, "a", { value: 1 }), { a: 1 }],
    ["a primitive for a boxed one", 1, Object(1)],
    ["another boxed value", Object(0), Object(-0)],
    ["another typed array", new Int8Array(2), new Uint8Array(2)],
    ["other bytes", Uint8Array.of(1, 2), Uint8Array.of(1, 3)],
    ["fewer bytes", Uint8Array.of(1), Uint8Array.of(1, 2)],
    ["a fixed buffer for a resizable one", new ArrayBuffer(2), resizable(2, 4)],
    ["another limit of a resizable buffer", resizable(2, 8), resizable(2, 4)],
    ["two objects for a shared one", [{ a: 1 }, { a: 1 }], [shared, shared]],
    ["a shared object for two", [shared, shared], [{ a: 1 }, { a: 1 }]],
    [
      "two buffers for a shared one",
      [new Uint8Array(8), new Uint8Array(8)],
      [new Uint8Array(buffer), new Uint8Array(buffer)],
    ],
    ["a tree for a cycle", [[]], cycle()],
    ["an object for an error", { message: "a" }, failure("a")],
    [
      "another class of error",
      Object.assign(new Error("a"), { stack: "at a" }),
      Object.assign(new TypeError("a"), { stack: "at a" }),
    ],
    ["an error without its cause", failure("a"), failure("a", { cause: 1 })],
    ["an error without its code", failure("a"), failure("a", { code: "E" })],
    ["an error without its own property", failure("a"), failure("a", { status: 1 })],
    ["an error with a property more", failure("a", { line: 1 }), failure("a")],
    ["an error with another stack", failure("a"), failure("a", { stack: "at b" })],
    ["an error with another name", failure("a"), failure("a", { name: "HttpError" })],
    ["an error for a DOMException", new Error("a"), new DOMException("a", "AbortError")],
    ["a DOMException without its cause", exception({}), exception({ cause: 1 })],
    ["a DOMException without its property", exception({}), exception({ at: undefined })],
    ["a DOMException with a property more", exception({ at: 1 }), exception({})],
    ["an Error for one of WebAssembly", failure("a", { name: "LinkError" }), linkError()],
    ["another DOMException", new DOMException("a", "TimeoutError"), new DOMException("a", "AbortError")],
  ])("sees %s", (_, received, original) => {
    expect(difference(received, original)).toBeTypeOf("string");
    expect(difference([{ a: received }], [{ a: original }])).toBeTypeOf("string");
  });

  test("sees nothing where there is nothing, whatever the value", () => {
    fc.assert(fc.property(anyValue, (value) => difference(structuredClone(value), value) === undefined));
    expect(difference(cycle(), cycle())).toBeUndefined();
  });

  test("tells every two samples of the suite apart that differ at all", () => {
    const alike: string[] = [];
    const samples = some(SAMPLES);
    for (const [i, a] of samples.entries()) {
      for (const b of samples.slice(i + 1)) {
        if (difference(a.make(), b.make()) === undefined) alike.push(`${a.title} = ${b.title}`);
      }
    }
    expect(alike).toEqual([]);
  });

  function cycle(): unknown[] {
    const list: unknown[] = [];
    list.push(list);
    return list;
  }
});
