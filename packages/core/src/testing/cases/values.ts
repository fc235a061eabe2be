/** Values that cross there and back: each must return as it went. */
import { encode } from "../../wire/value.ts";
import { assert, assertEqual, type ContractCase, withPool } from "../contract-case.ts";

const samples: readonly (readonly [string, () => unknown])[] = [
  ["undefined", () => undefined],
  ["NaN, -0 and the infinities", () => [Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
  ["BigInt", () => [5n, -(2n ** 80n)]],
  ["dates", () => [new Date(0), new Date(Number.NaN)]],
  ["regular expressions", () => /a\/b+/giu],
  ["Map and Set", () => new Map<unknown, unknown>([[{ key: 1 }, new Set([1, "x", undefined])]])],
  [
    "typed arrays",
    () => [new Uint8Array([1, 2]), new Float64Array([Number.NaN, -0, 1.5]), new BigInt64Array([-1n])],
  ],
  [
    "a DataView and its ArrayBuffer",
    () => {
      const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
      return { buffer, view: new DataView(buffer, 2, 4) };
    },
  ],
  [
    "holes and extra properties of arrays",
    () => {
      const list = Object.assign([1, 2, 3], { extra: true });
      delete list[1];
      return list;
    },
  ],
  ["lone surrogates and odd characters", () => ["\ud800x", '\u2028\0"\\', "é漢😀"]],
  ["an own __proto__", () => JSON.parse('{"__proto__":{"polluted":true},"b":2}')],
  ["boxed primitives", () => [Object(1), Object("s"), Object(true), Object(1n)]],
  [
    "a cycle",
    () => {
      const cycle: Record<string, unknown> = { name: "cycle" };
      cycle.self = cycle;
      return cycle;
    },
  ],
  [
    "shared references",
    () => {
      const shared = { a: 1 };
      return [shared, shared, { shared }];
    },
  ],
  [
    "errors",
    () => [new RangeError("r", { cause: new TypeError("t") }), new AggregateError([new Error("a")], "many")],
  ],
  ["a DOMException", () => new DOMException("gone", "AbortError")],
  [
    "deep nesting",
    () => {
      let deep: unknown = "bottom";
      for (let i = 0; i < 20_000; i++) deep = { deep };
      return deep;
    },
  ],
  [
    "a large table",
    () => Array.from({ length: 20_000 }, (_, id) => ({ id, name: `row ${id}`, score: id / 3 })),
  ],
];

export const valueCases: readonly ContractCase[] = [
  ...samples.map(
    ([what, make]): ContractCase => ({
      name: `values: ${what} there and back`,
      run: (subject) =>
        withPool(subject, { maxWorkers: 1 }, async (pool) => {
          const value = make();
          const before = encode([value], "value");
          const after = encode([await pool.run("echo", [value])], "value");
          assertEqual(after.text, before.text, what);
          const asText = ({ attachments = [] }: typeof before) => attachments.map((bytes) => bytes.join());
          assertEqual(asText(after), asText(before), `the bytes of ${what}`);
        }),
    }),
  ),
  {
    name: "values: 16 MiB of bytes in each direction, and 4 MiB of text",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const length = 16 * 2 ** 20;
        assertEqual(await pool.run("sum", [new Uint8Array(length).fill(1)]), length, "sum");
        const received = await pool.run("bytes", [length]);
        assert(
          received.length === length && received.every((byte) => byte === 7),
          "Expected every byte to be 7",
        );
        const text = "ä".repeat(2 * 2 ** 20);
        assert((await pool.run("echo", [text])) === text, "Expected the text as it went");
      }),
  },
  {
    name: "values: long texts of every kind there and back, wherever they are in a value",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const page = "<p>The quick brown fox jumps over the lazy dog.</p>".repeat(2_000);
        const texts = [page, `${page}é`, "漢字😀".repeat(50_000), `${page}\uD800`, '\0"\\'.repeat(30_000)];
        for (let round = 0; round < 3; round++) {
          for (const text of texts) {
            const value = { text, list: [text, { text }], map: new Map([[text, text]]) };
            const back = (await pool.run("echo", [value])) as typeof value;
            assertEqual([back.text, back.list[0]], [text, text], "texts");
            assertEqual([...back.map], [[text, text]], "a map of texts");
          }
          assertEqual(
            await Promise.all(texts.map((text) => pool.run("echo", [text]))),
            texts,
            "texts at once",
          );
        }
      }),
  },
  {
    name: "values: a call sees its arguments as they were when it was made",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const list = [1];
        const bytes = new Uint8Array([1]);
        const call = pool.run("echo", [[list, bytes]]);
        list.push(2);
        bytes[0] = 9;
        const [sentList, sentBytes] = (await call) as [number[], Uint8Array];
        assertEqual([sentList, [...sentBytes]], [[1], [1]], "arguments");
      }),
  },
];
