/** What a worker can get wrong, and what it can claim, in the graph of a value. All of these are answers. */
import { frame, graph, join, Kind, type Part, Type, u32, value } from "./bytes.ts";
import type { Effect, Fault } from "./fault.ts";

/** Each claims 240 MB. */
const claims = Array.from({ length: 200 }, () => ["sparse", 30_000_000]);

const tables: readonly (readonly [what: string, effect: Effect, table: unknown, bytes?: Part])[] = [
  ["no table", "call", {}],
  ["an empty table", "call", []],
  ["a place behind its end", "call", [[9], ["object"]]],
  ["place 0", "call", [[0]]],
  ["a place before its beginning", "call", [[-1], ["object"]]],
  ["half a place", "call", [[1.5], ["object"], ["object"]]],
  ["a node that is none", "call", [[1], "node"]],
  ["a node without a name", "call", [[1], []]],
  ["a node that does not exist", "call", [[1], ["function", "echo"]]],
  ["a reference that does not exist", "call", [["symbol", "a"]]],
  ["a key without a value", "call", [[1], ["object", "a"]]],
  ["a key that is an object", "call", [[1], ["object", { toString: 1, valueOf: 1 }, 1]]],
  ["a class of errors that does not exist", "call", [[1], ["error", "Function"]]],
  ["a view of a class that does not exist", "call", [[1], ["bytes", "Function", 0, 1]], "a"],
  ["a view behind its buffer", "call", [[1], ["view", "Uint8Array", [2], 4, 4], ["buffer", 0, 4]], "abcd"],
  ["a view on an object", "call", [[1], ["view", "Uint8Array", [2], 0, 0], ["object"]]],
  ["bytes that are not there", "call", [[1], ["bytes", "Uint8Array", 0, 2 ** 30]]],
  ["the same bytes again and again", "call", [[1], ...Array(9).fill(["bytes", "Uint8Array", 0, 4])], "abcd"],
  ["a buffer that may grow to a petabyte", "call", [[1], ["buffer", 0, 0, 2 ** 50]]],
  [
    "a thousand buffers that may grow to 4 GiB",
    "call",
    [[1], ...Array(1_000).fill(["buffer", 0, 0, 2 ** 32])],
  ],
  ["an array longer than any", "call", [[1], ["sparse", 2 ** 32]]],
  ["arrays of 48 GB of holes", "either", [[1], ["array", ...claims.map((_, i) => [i + 2])], ...claims]],
  ["shared memory without a name", "call", [[1], ["shared", "", 8, 1, 1]]],
  ["a bigint that is none", "call", [["bigint", "1e9"]]],
  ["a bigint of hexadecimal digits that are none", "call", [["bigint", "0xfg"]]],
  ["a bigint without digits", "call", [["bigint", "-0x"]]],
  ["a bigint of octal digits", "call", [["bigint", "0o7"]]],
  ["a long text of bytes that are not there", "call", [["long", 0, 2 ** 30]]],
  ["a long text that has no place", "call", [["long"]]],
  ["a long text whose place is an object", "call", [["long", { valueOf: 0 }, 1]], "a"],
  ["a long text of no UTF-8", "call", [["long", 0, 1]], [0xff]],
  ["the same long text again and again", "call", [[1], ["array", ...Array(9).fill(["long", 0, 4])]], "abcd"],
  ["a pattern that does not compile", "call", [[1], ["regexp", "(", ""]]],
  ["an own __proto__", "either", [[1], ["object", "__proto__", [2]], ["object", "polluted", true]]],
];

/** Cheap to send, and expensive to read unless they are bounded: seconds to minutes each. */
const costly: readonly (readonly [what: string, effect: Effect, text: () => string])[] = [
  ["a bigint of 4,097 digits", "call", () => json([["bigint", "9".repeat(4_097)]])],
  ["a bigint of ten million digits", "call", () => json([["bigint", "9".repeat(10_000_000)]])],
  ["a bigint of ten million hexadecimal digits", "either", () => json([["bigint", `-0x${"f".repeat(1e7)}`]])],
  [
    "a bigint in a box of ten million digits",
    "call",
    () => json([[1], ["boxed", ["bigint", "9".repeat(1e7)]]]),
  ],
  ["a pattern of classes", "call", () => json([[1], ["regexp", "\\p{L}".repeat(100_000), "v"]])],
  ["a pattern of named groups", "call", () => json([[1], ["regexp", groups(6_000), ""]])],
  ["a pattern of a megabyte", "call", () => json([[1], ["regexp", "a|".repeat(500_000), ""]])],
  [
    "patterns that add up",
    "call",
    () => json([[1], ...Array(100).fill(["regexp", "\\p{L}".repeat(100), "u"])]),
  ],
  ["three million lists within each other", "call", () => nested("[", "]", 3_000_000)],
  ["three million lists that do not end", "call", () => nested("[", "", 3_000_000)],
  ["a million objects within each other", "call", () => nested('{"a":', "}", 1_000_000)],
  ["lists behind a text that ends with backslashes", "call", () => `["\\\\",${nested("[", "]", 3_000_000)}]`],
];

const json = (of: unknown): string => JSON.stringify(of);
const groups = (count: number): string => Array.from({ length: count }, (_, i) => `(?<n${i}>a)`).join("");
const nested = (open: string, close: string, depth: number): string =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;

export const valueFaults: readonly Fault[] = [
  ...costly.map(
    ([what, effect, text]): Fault => ({
      name: `cost: ${what}`,
      effect,
      codec: "graph",
      answer: (task) => frame(Type.Result, task, u32(0), value(Kind.Graph, text())),
    }),
  ),
  ...(["[", '{"a":'] as const).map(
    (open): Fault => ({
      name: `cost: three million of ${open} as JSON`,
      effect: "call",
      answer: (task) => frame(Type.Result, task, u32(0), value(Kind.Json, nested(open, "", 3_000_000))),
    }),
  ),
  ...tables.map(
    ([what, effect, table, bytes]): Fault => ({
      name: `graph: ${what}`,
      effect,
      codec: "graph",
      answer: (task) => frame(Type.Result, task, u32(0), graph(table, bytes)),
    }),
  ),
  ...[Kind.Json, Kind.Graph].flatMap((kind) =>
    [`${"[".repeat(200_000)}${"]".repeat(200_000)}`, "[".repeat(200_000), `${'{"a":'.repeat(50_000)}1`].map(
      (text, i): Fault => ({
        name: `depth: ${i + 1} of kind ${kind}`,
        effect: "either",
        codec: "graph",
        answer: (task) => frame(Type.Result, task, u32(0), value(kind, text)),
      }),
    ),
  ),
  ...(
    [
      ["a buffer that did not come", []],
      ["one that is too short", ["abc"]],
      ["one that is too long", ["abcde"]],
    ] as const
  ).map(
    ([what, buffers]): Fault => ({
      name: `Bytes: ${what}`,
      effect: "call",
      codec: "graph",
      answer: (task) =>
        join([
          ...buffers.map((bytes) => frame(Type.Bytes, task, bytes)),
          frame(Type.Result, task, u32(0), graph([[1], ["bytes", "Uint8Array", 0, 4]])),
        ]),
    }),
  ),
];
