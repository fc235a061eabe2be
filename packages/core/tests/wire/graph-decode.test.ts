import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError, SerializationError } from "../../src/errors.ts";
import { decode } from "../../src/wire/value.ts";
import { difference } from "../support/sameness.ts";
import { TYPED_ARRAYS } from "../support/samples.ts";
import { GRAPH_KIND, payloadFrom } from "../support/transfer.ts";

const decodeTable = (table: unknown, bytes?: Uint8Array): unknown =>
  decode(payloadFrom(GRAPH_KIND, JSON.stringify(table), bytes));

describe("a table as docs/protocol.md describes it", () => {
  test.each<[string, unknown, unknown]>([
    ["a primitive", ["text"], "text"],
    ["undefined", [["undefined"]], undefined],
    ["minus zero", [["number", "-0"]], -0],
    ["NaN", [["number", "NaN"]], Number.NaN],
    ["infinity", [["number", "-Infinity"]], Number.NEGATIVE_INFINITY],
    ["a bigint", [["bigint", "-123456789012345678901234567890"]], -123456789012345678901234567890n],
    ["an object", [[1], ["object", "a", 1, "__proto__", null]], JSON.parse('{"a": 1, "__proto__": null}')],
    ["an array", [[1], ["array", 1, ["undefined"], [2]], ["array"]], [1, undefined, []]],
    ["a sparse array", [[1], ["sparse", 4, "1", true, "x", "y"]], sparse()],
    ["a map", [[1], ["map", "a", 1, [1], [1]]], mapInItself()],
    ["a set", [[1], ["set", 1, ["number", "NaN"]]], new Set([1, Number.NaN])],
    ["a date", [[1], ["date", 5]], new Date(5)],
    ["an invalid date", [[1], ["date", null]], new Date(Number.NaN)],
    ["a pattern", [[1], ["regexp", "a+", "gi"]], /a+/gi],
    ["a boxed value", [[1], ["boxed", ["bigint", "1"]]], Object(1n)],
    ["a text in place of what can't cross", [[1], ["text", "[a function]"]], "[a function]"],
  ])("gives %s", (_, table, expected) => {
    expect(difference(decodeTable(table), expected)).toBeUndefined();
  });

  test("gives a long text of the bytes behind it, wherever it stands", () => {
    const bytes = new TextEncoder().encode("-é€😀-");
    const received = decodeTable([[1], ["map", ["long", 1, 2], ["long", 3, 7]]], bytes);
    expect(difference(received, new Map([["é", "€😀"]]))).toBeUndefined();
  });

  test("gives an error of the named class with the listed properties and no others", () => {
    const error = decodeTable([[1], ["error", "RangeError", "message", 0, "a", "status", 1, 404]]) as Error;
    expect(Object.getPrototypeOf(error)).toBe(RangeError.prototype);
    expect(Object.getOwnPropertyDescriptors(error)).toEqual({
      message: { value: "a", enumerable: false, writable: true, configurable: true },
      status: { value: 404, enumerable: true, writable: true, configurable: true },
    });
  });

  test("gives a buffer and the views on it, wherever they stand", () => {
    const [view, buffer] = decodeTable(
      [[1], ["array", [2], [3]], ["view", "Uint16Array", [3], 2, 4], ["buffer", 1, 8]],
      Uint8Array.of(9, 0, 1, 2, 3, 4, 5, 6, 7),
    ) as [Uint16Array, ArrayBuffer];
    expect([view.buffer, view.byteOffset, view.length, buffer.byteLength]).toEqual([buffer, 2, 2, 8]);
    expect([...new Uint8Array(buffer)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test.each([...TYPED_ARRAYS, "DataView"])("gives a %s at an odd place of the message", (name) => {
    const received = decodeTable([[1], ["bytes", name, 1, 8]], new Uint8Array(9)) as ArrayBufferView;
    expect(Object.prototype.toString.call(received)).toBe(`[object ${name}]`);
    expect(received.byteLength).toBe(8);
  });

  function sparse(): unknown[] {
    const array = new Array(4);
    return Object.assign(array, { 1: true, x: "y" });
  }

  function mapInItself(): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>([["a", 1]]);
    return map.set(map, map);
  }
});

describe("a table that no encoder writes", () => {
  const bytes = new Uint8Array(4);

  test.each<[string, unknown]>([
    ["is no table", {}],
    ["is null", null],
    ["is empty", []],
    ["holds what is no node", [[1], "node"]],
    ["holds an unknown node", [[1], ["function", "x"]]],
    ["holds a node without a name", [[1], []]],
    ["refers to a place beyond its end", [[9], ["object"]]],
    ["refers to place zero", [[0]]],
    ["refers to a place before its start", [[-1], ["object"]]],
    ["refers by an unknown word", [["symbol", "x"]]],
    ["names an error class that does not exist", [[1], ["error", "Object"]]],
    ["names an error class in the prototype chain", [[1], ["error", "__proto__"]]],
    ["names a global that is no view", [[1], ["bytes", "Function", 0, 4]]],
    ["names a view that does not exist", [[1], ["bytes", "Uint128Array", 0, 4]]],
    ["takes bytes beyond the message", [[1], ["bytes", "Uint8Array", 2, 3]]],
    ["takes bytes before the message", [[1], ["bytes", "Uint8Array", -1, 2]]],
    ["takes a part of a byte", [[1], ["bytes", "Uint8Array", 0.5, 2]]],
    ["takes bytes without a length", [[1], ["buffer", 0]]],
    ["lays a view beyond its buffer", [[1], ["view", "Uint8Array", [2], 0, 5], ["buffer", 0, 4]]],
    ["starts a view beyond its buffer", [[1], ["view", "Uint8Array", [2], 5, 0], ["buffer", 0, 4]]],
    ["claims a sparse array that is too long", [[1], ["sparse", 2 ** 32]]],
    ["claims a sparse array without a length", [[1], ["sparse"]]],
    ["claims a resizable buffer of a petabyte", [[1], ["buffer", 0, 4, 2 ** 50]]],
    [
      "claims many resizable buffers of a gigabyte",
      [[1], ...Array.from({ length: 8 }, () => ["buffer", 0, 0, 2 ** 30])],
    ],
    [
      "claims thousands of small resizable buffers",
      [1, ...Array.from({ length: 9_000 }, () => ["buffer", 0, 0, 1])],
    ],
    ["holds a key without a value", [[1], ["object", "a"]]],
    ["holds a key without a value in a map", [[1], ["map", 1]]],
    ["holds a key without a value in a sparse array", [[1], ["sparse", 1, "0"]]],
    ["holds a property of an error without a value", [[1], ["error", "Error", "message", 0]]],
    ["holds a property of an exception without a value", [[1], ["exception", "a", "b", null, "cause", 0]]],
    ["holds a key that is an object", [[1], ["object", { toString: 1, valueOf: 1 }, 1]]],
    ["holds a key that is a list", [[1], ["object", [[[]]], 1]]],
    ["holds an object where a reference should be", [{ a: 1 }]],
    ["holds an object where an element should be", [[1], ["array", { a: 1 }]]],
    ["says that a property is half enumerable", [[1], ["error", "Error", "message", 0.5, "a"]]],
    ["refers to half a place", [[1.5], ["object"], ["object"]]],
    ["names a number that does not exist", [["number", "1e9"]]],
    ["names a number by a list", [["number", ["NaN"]]]],
    ["writes a bigint in another base", [["bigint", "0o7"]]],
    ["writes a bigint of spaces", [["bigint", " "]]],
    ["dates from a text", [[1], ["date", "2020-01-01"]]],
    ["boxes what is not there", [[1], ["boxed", ["undefined"]]]],
    ["boxes null", [[1], ["boxed", null]]],
    ["boxes an object", [[1], ["boxed", [2]], ["object"]]],
    ["takes a pattern from an object", [[1], ["regexp", { source: "a" }, ""]]],
    ["names an exception by an object", [[1], ["exception", {}, "a", null]]],
    ["says a quota that is none", [[1], ["quota", "10", null, "a", null]]],
    ["says a quota below zero", [[1], ["quota", null, -1, "a", null]]],
    ["lays a view on half an element", [[1], ["view", "Uint16Array", [2], 0, 3], ["buffer", 0, 4]]],
    ["lays a view without a length", [[1], ["view", "Uint8Array", [2], 0], ["buffer", 0, 4]]],
    ["takes half an element", [[1], ["bytes", "Uint32Array", 0, 3]]],
    ["has keys beyond a sparse array", [[1], ["sparse", 1, "5", 1]]],
    ["shares memory without a name", [[1], ["shared", {}, 1, 1, 1]]],
  ])("is a ProtocolError when it %s", (_, table) => {
    expect(() => decodeTable(table, bytes)).toThrow(ProtocolError);
  });

  test.each<[string, unknown]>([
    ["a view on what is not there", [[1], ["view", "Uint8Array", ["undefined"], 0, 4]]],
    ["a view on an object", [[1], ["view", "Uint8Array", [2], 0, 4], ["object"]]],
    ["a view on a primitive", [[1], ["view", "Uint8Array", null, 0, 4]]],
    ["a view that is not aligned", [[1], ["view", "Uint16Array", [2], 1, 2], ["buffer", 0, 4]]],
    ["a pattern that does not compile", [[1], ["regexp", "(", ""]]],
    ["flags that do not exist", [[1], ["regexp", "a", "x"]]],
    ["a bigint that is none", [["bigint", "1.5"]]],
    ["a bigint without digits", [["bigint"]]],
    ["a sparse array whose length is overwritten", [[1], ["sparse", 1, "length", 5]]],
    ["a resizable buffer larger than its limit", [[1], ["buffer", 0, 4, 2]]],
    ["a DataView beyond its buffer", [[1], ["view", "DataView", [2], 4, 4], ["buffer", 0, 4]]],
  ])("is a ProtocolError as well when it holds %s", (_, table) => {
    expect(() => decodeTable(table, bytes)).toThrow(ProtocolError);
  });

  test("is an Error, and no crash, when it is nested 200,000 deep", () => {
    for (const text of [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, "[".repeat(200_000)]) {
      expect(() => decode(payloadFrom(GRAPH_KIND, text))).toThrow(Error);
    }
  });

  test("can't make the receiver hold memory for holes", () => {
    // Laid out as they claim to be, these would take 24 GB, and the second 320 MB.
    for (const [count, length] of [
      [100, 30_000_000],
      [400, 99_999],
    ] as const) {
      const table: unknown[] = [[1], ["array"]];
      for (let i = 0; i < count; i++) {
        (table[1] as unknown[]).push([table.push(["sparse", length, String(length - 1), i]) - 1]);
      }
      const arrays = decodeTable(table) as number[][];
      expect(arrays.map((array) => [array.length, Object.keys(array).length, array[length - 1]])).toEqual(
        arrays.map((_, i) => [length, 1, i]),
      );
    }
  });

  test("can't make the receiver hold more bytes than arrived", () => {
    const greedy: unknown[] = [[1], ["array", ...Array.from({ length: 9 }, (_, i) => [i + 2])]];
    for (let i = 0; i < 9; i++) greedy.push(["bytes", "Uint8Array", 0, 4]);
    expect(() => decodeTable(greedy, bytes)).toThrow(ProtocolError);
  });

  test("says in one short line what was expected and what came", () => {
    const table = [[1], ["function", "x".repeat(1_000)]];
    expect(() => decodeTable(table)).toThrow(
      'Expected a known node in a message from another process, received "function"',
    );
    expect(() => decodeTable({ key: "x".repeat(1_000) })).toThrow(/^.{0,200}$/);
  });

  test("gives a text in place of a view whose buffer could not cross", () => {
    expect(decodeTable([[1], ["view", "Uint8Array", [2], 0, 4], ["text", "[released]"]])).toBe("[released]");
  });

  test("asks for another typed array where the runtime lacks this one", () => {
    const holder = globalThis as { Float16Array?: unknown };
    const before = Object.getOwnPropertyDescriptor(globalThis, "Float16Array");
    delete holder.Float16Array;
    try {
      expect(() => decodeTable([[1], ["bytes", "Float16Array", 0, 4]], bytes)).toThrow(SerializationError);
    } finally {
      if (before !== undefined) Object.defineProperty(globalThis, "Float16Array", before);
    }
  });
});

describe("keys from another process", () => {
  const evil = ["__proto__", "constructor", "prototype", "toString", "__defineGetter__", "polluted"];
  const reference = fc.oneof(
    fc.constantFrom<unknown>("text", 1, true, null, ["undefined"], ["number", "NaN"], ["bigint", "1"]),
    fc.tuple(fc.nat(6)),
  );
  const key = fc.constantFrom<unknown>(...evil, "a", "0", 0, null);
  const node = fc.oneof(
    fc.array(fc.tuple(key, reference)).map((pairs) => ["object", ...pairs.flat()]),
    fc.array(fc.tuple(key, reference)).map((pairs) => ["sparse", 3, ...pairs.flat()]),
    fc.array(fc.tuple(key, fc.nat(1), reference)).map((pairs) => ["error", "TypeError", ...pairs.flat()]),
    fc.array(reference).map((items) => ["array", ...items]),
    fc.array(fc.tuple(reference, reference)).map((pairs) => ["map", ...pairs.flat()]),
    fc.array(reference).map((items) => ["set", ...items]),
    fc.constantFrom<unknown[]>(["boxed", "a"], ["boxed", [1]], ["date", 1], ["buffer", 0, 4], ["text", "a"]),
    fc.tuple(fc.constant("view"), fc.constantFrom("Uint8Array", "DataView"), reference, fc.nat(4), fc.nat(4)),
    fc.tuple(fc.constant("exception"), key, key, reference),
  );

  test("never reach a prototype", () => {
    const before = Object.getOwnPropertyNames(Object.prototype).concat(
      Object.getOwnPropertyNames(Error.prototype),
    );
    let decoded = 0;
    fc.assert(
      fc.property(fc.array(node as fc.Arbitrary<unknown[]>, { minLength: 1, maxLength: 7 }), (nodes) => {
        try {
          const value = decodeTable([[1], ...nodes], new Uint8Array(8));
          if (typeof value === "object" && value !== null) expect(isOrdinary(value)).toBe(true);
          decoded++;
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
        expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
    const after = Object.getOwnPropertyNames(Object.prototype).concat(
      Object.getOwnPropertyNames(Error.prototype),
    );
    expect(after).toEqual(before);
    expect(decoded).toBeGreaterThan(100);
  });

  test("become own properties, `__proto__` included", () => {
    for (const table of [
      [[1], ["object", "__proto__", [2]], ["object", "polluted", true]],
      [[1], ["sparse", 1, "__proto__", [2]], ["object", "polluted", true]],
      [[1], ["error", "TypeError", "__proto__", 1, [2]], ["object", "polluted", true]],
    ]) {
      const received = decodeTable(table) as { polluted?: unknown };
      expect(Object.hasOwn(received, "__proto__")).toBe(true);
      expect(received.polluted).toBeUndefined();
    }
  });

  /** Its prototype is that of a class of the language. */
  function isOrdinary(value: object): boolean {
    const classes = [
      Object,
      Array,
      TypeError,
      Map,
      Set,
      Date,
      String,
      ArrayBuffer,
      Uint8Array,
      DataView,
      DOMException,
    ];
    return classes.some((known) => Object.getPrototypeOf(value) === known.prototype);
  }
});
