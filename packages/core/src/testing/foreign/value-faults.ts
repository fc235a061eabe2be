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
  ["a pattern that does not compile", "call", [[1], ["regexp", "(", ""]]],
  ["an own __proto__", "either", [[1], ["object", "__proto__", [2]], ["object", "polluted", true]]],
];

export const valueFaults: readonly Fault[] = [
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
