/** The fidelity suite: what structured clone takes, one sample for each way to lose it. */

import { errors } from "./error-samples.ts";
import { type Sample, sample } from "./sample.ts";

export type { Sample } from "./sample.ts";

// biome-ignore lint/suspicious/noExplicitAny: names that not every runtime has
const runtime = globalThis as any;

export const TYPED_ARRAYS: readonly string[] = [
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
].filter((name) => name in runtime);

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get length(): number {
    return Math.hypot(this.x, this.y);
  }
}

/** It travels beside the text of its value. */
const LONG = "The quick brown fox jumps over the lazy dog. ".repeat(1_000);

const primitives: readonly Sample[] = [
  ["undefined", undefined],
  ["null", null],
  ["true", true],
  ["false", false],
  ["zero", 0],
  ["minus zero", -0],
  ["NaN", Number.NaN],
  ["infinity", Number.POSITIVE_INFINITY],
  ["minus infinity", Number.NEGATIVE_INFINITY],
  ["the largest number", Number.MAX_VALUE],
  ["the smallest number", Number.MIN_VALUE],
  ["an empty text", ""],
  ["a text with every kind of character", '\0\b\n\r\t"\\/é€😀\u2028\u2029\uFEFF\u007F\uFFFD'],
  ["a text that begins with a byte order mark", "\uFEFFtext"],
  ["lone surrogates", "a\uD800b\uDC00\uD800"],
  ["a long text", LONG],
  ["a long text with other letters than English has", `${LONG}é${LONG}`],
  ["a long text of any alphabet", "漢字😀".repeat(10_000)],
  ["a long text that begins with a byte order mark", `\uFEFF${LONG}`],
  ["a long text of what JSON escapes", '\0\n"\\\u2028'.repeat(10_000)],
  ["a long text with a lone surrogate", `${LONG}\uD800`],
  ["long texts in a value", { [LONG]: [LONG, { a: [`${LONG}b`, 1] }], c: "c" }],
  ["a bigint of zero", 0n],
  ["a small bigint", -1n],
  ["a large bigint", -(2n ** 300n)],
].map(([title, value]) => sample(title as string, () => value));

const builtIns: readonly Sample[] = [
  sample("a date", () => new Date(1_234_567_890_123)),
  sample("a date before 1970", () => new Date(-1)),
  sample("the last date", () => new Date(8.64e15)),
  sample("an invalid date", () => new Date(Number.NaN)),
  sample("a regular expression", () => /a\/b[\\\n]"(?<name>.)/dgimsuy),
  sample("a regular expression with the v flag", () => /[a--b]/v),
  sample("an empty regular expression", () => /(?:)/),
  sample(
    "a map",
    () =>
      new Map<unknown, unknown>([
        ["b", 1],
        ["a", Number.NaN],
        [Number.NaN, -0],
        [{}, [1]],
      ]),
  ),
  sample("an empty map", () => new Map()),
  sample("a map of maps", () => new Map([[new Map([[1, 2]]), new Map([[3, new Set([4])]])]])),
  sample("a set", () => new Set([3, "3", undefined, null, Number.NaN, { a: 1 }])),
  sample("an empty set", () => new Set()),
  sample("a boxed boolean", () => Object(false)),
  sample("a boxed number", () => Object(-0)),
  sample("a boxed NaN", () => Object(Number.NaN)),
  sample("a boxed text", () => Object("a\uD800")),
  sample("a boxed long text", () => Object(LONG)),
  sample("long texts in a map and a set", () => new Map<unknown, unknown>([[LONG, new Set([`${LONG}é`])]])),
  sample("a boxed bigint", () => Object(5n)),
  sample("a subclass of Map", () => new (class Registry extends Map<number, number> {})([[1, 2]])),
  sample("a subclass of Set", () => new (class Group extends Set<number> {})([1, 2])),
  sample("a subclass of Date", () => new (class Moment extends Date {})(5)),
  sample("a subclass of RegExp", () => new (class Pattern extends RegExp {})("a", "g")),
];

const binary: readonly Sample[] = [
  ...TYPED_ARRAYS.flatMap((name) => [
    sample(`a ${name}`, () => new runtime[name](Uint8Array.from({ length: 16 }, (_, i) => i * 17).buffer)),
    sample(`an empty ${name}`, () => new runtime[name](0)),
    sample(`a ${name} in the middle of a buffer`, () => new runtime[name](new ArrayBuffer(32), 8, 2)),
  ]),
  sample("a DataView", () => new DataView(Uint8Array.of(1, 2, 3, 4).buffer, 1, 2)),
  sample("an ArrayBuffer", () => Uint8Array.of(0, 127, 128, 255).buffer),
  sample("an empty ArrayBuffer", () => new ArrayBuffer(0)),
  sample("a resizable ArrayBuffer", () => new runtime.ArrayBuffer(4, { maxByteLength: 64 })),
  sample("a resizable ArrayBuffer that is full", () => new runtime.ArrayBuffer(8, { maxByteLength: 8 })),
  sample("a view beside its resizable ArrayBuffer", () => {
    const buffer = new runtime.ArrayBuffer(4, { maxByteLength: 64 });
    return [buffer, new Uint8Array(buffer, 1, 2)];
  }),
  sample("several buffers of odd lengths", () => [
    Uint8Array.of(1),
    new Float64Array([1.5, -0, Number.NaN]),
    Uint8Array.of(1, 2, 3),
    new BigInt64Array([-1n]),
  ]),
];

const arrays: readonly Sample[] = [
  sample("an empty array", () => []),
  // biome-ignore lint/suspicious/noSparseArray: that is what it is a sample of
  sample("an array with a hole", () => [1, , 3]),
  // biome-ignore lint/suspicious/noSparseArray: that is what it is a sample of
  sample("an array that ends in a hole", () => [1, ,]),
  sample("an array of holes", () => new Array(5)),
  // biome-ignore lint/suspicious/noSparseArray: that is what it is a sample of
  sample("an array with undefined beside a hole", () => [undefined, , null]),
  sample("the longest array", () => Object.assign([1], { length: 2 ** 32 - 1 })),
  sample("an array with a property", () => Object.assign([1, 2], { total: 3, "-1": 4, "01": 5 })),
  sample("the match of a regular expression", () => /(?<year>\d+)/.exec("in 1984")),
  sample("an instance of a subclass of Array", () => class Stack extends Array {}.of(1, -0)),
  sample("an instance of a subclass of Array with a field", () => {
    class Stack extends Array {
      label = "a";
    }
    return Stack.of(1, 2);
  }),
];

const objects: readonly Sample[] = [
  sample("an empty object", () => ({})),
  sample("an object of primitives", () => ({ a: 1, b: "2", c: null, d: false })),
  sample("a property that is undefined", () => ({ a: undefined })),
  sample("keys in an order of their own", () => ({ b: 1, 2: 2, a: -0, 1: 4, "": 5, " ": 6 })),
  sample("an own `__proto__` key", () => JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')),
  sample("an own `__proto__` key beside -0", () => ({ ...JSON.parse('{"__proto__": 1}'), a: -0 })),
  sample("keys of Object.prototype", () => ({ constructor: -0, toString: 1, hasOwnProperty: 2, valueOf: 3 })),
  sample("a class instance", () => new Point(3, 4)),
  sample("a class instance with -0", () => new Point(-0, 4)),
  sample("an object without a prototype", () => Object.assign(Object.create(null), { a: 1 })),
  sample("an object without a prototype with -0", () => Object.assign(Object.create(null), { a: -0 })),
  sample("a getter", () => ({
    get a() {
      return 1n;
    },
  })),
  sample("a symbol key, which stays behind", () => ({ [Symbol("a")]: 1, b: -0 })),
  sample("a hidden key, which stays behind", () =>
    Object.defineProperty({ b: -0 }, "a", { value: () => {}, enumerable: false }),
  ),
  sample("the arguments of a function", () =>
    (
      function () {
        // biome-ignore lint/complexity/noArguments: that is what it is a sample of
        return arguments;
      } as (...args: unknown[]) => unknown
    )(1, -0),
  ),
];

const graphs: readonly Sample[] = [
  sample("an object in itself", () => {
    const a: Record<string, unknown> = { b: [] };
    a.self = a;
    (a.b as unknown[]).push(a, a.b);
    return a;
  }),
  sample("a map that holds itself", () => {
    const map = new Map<unknown, unknown>();
    return map.set(map, { map }).set("map", map);
  }),
  sample("a set that holds itself", () => {
    const set = new Set<unknown>();
    return set.add(set).add([set]);
  }),
  sample("one object in two places", () => {
    const shared = { a: 1 };
    return [shared, { shared }, new Map([[shared, shared]])];
  }),
  sample("one date, one pattern and one boxed number in two places each", () => {
    const all = [new Date(0), /a/, Object(1)];
    return [all, [...all]];
  }),
  sample("two views of one buffer", () => {
    const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
    return { a: new Uint8Array(buffer, 1, 3), b: new Uint16Array(buffer, 2, 2), c: new DataView(buffer) };
  }),
  sample("a view and its buffer", () => {
    const { buffer } = Uint8Array.of(1, 2, 3);
    return [new Uint8Array(buffer, 1), buffer];
  }),
  sample("one view in two places", () => {
    const view = Uint8Array.of(1, 2, 3);
    return [view, view];
  }),
  sample("two equal objects that are not one", () => [{ a: 1 }, { a: 1 }]),
  sample("an error shared by a list and a cause", () => {
    const shared = new Error("shared");
    return new AggregateError([shared, shared], "a", { cause: shared });
  }),
];

export const SAMPLES: readonly Sample[] = [
  ...primitives,
  ...builtIns,
  ...binary,
  ...errors,
  ...arrays,
  ...objects,
  ...graphs,
];
