/** What a worker can get wrong in the answer to a call, in frames sent instead of it, and in frames that need no answer. */
import { frame, graph, join, json, Kind, type Part, result, Type, u32, value } from "./bytes.ts";
import type { Effect, Fault } from "./fault.ts";

/** The right value. Calls are of `echo` with this. */
export const ASKED = "asked";

const good = (task: number): Uint8Array => result(task, ASKED);

type Row = readonly [what: string, effect: Effect, answer: (task: number) => Uint8Array];

/** All three kinds of answer begin in the same way. */
const beginnings: readonly Fault[] = (["Result", "Failure", "Unsendable"] as const).flatMap((name) => {
  const answer = (payload: readonly Part[]) => (task: number) => frame(Type[name], task, ...payload);
  const rows: readonly Row[] = [
    ["nothing in it", "call", answer([])],
    ["half a run time", "call", answer([[1, 2]])],
    ["a run time alone", "call", answer([u32(1)])],
    ["half a header of a value", "call", answer([u32(0), [Kind.Json, 0]])],
    ["a text that is longer than it", "call", answer([u32(0), value(Kind.Json, "1", "", 99)])],
    ["a text of 4 GiB", "call", answer([u32(0), value(Kind.Json, "1", "", 2 ** 32 - 1)])],
    ["a text that goes on behind its end", "call", answer([u32(0), value(Kind.Json, "11", "", 1)])],
    ["no JSON", "call", answer([u32(0), value(Kind.Json, "{")])],
    ["no UTF-8", "call", answer([u32(0), [Kind.Json, 0, 0, 0, 3, 0x22, 0xff, 0x22]])],
    ["a kind that does not exist", "call", answer([u32(0), value(9, "1")])],
    ["a graph from a worker of JSON", "call", answer([u32(0), graph([["undefined"]])])],
    ["shared memory from a worker of JSON", "call", answer([u32(0), value(Kind.Sharing, "[1]")])],
    ["undefined with a text", "call", answer([u32(0), value(Kind.Undefined, "1")])],
    ["bytes behind the value", "call", answer([u32(0), json(1), [0]])],
  ];
  const misplaced: readonly Row[] = [
    ["of task 0", "worker", () => frame(Type[name], 0, u32(0), json(1))],
    ["of a task that was never given", "worker", () => frame(Type[name], 999, u32(0), json(1))],
    ["behind the answer", "later", (task) => join([good(task), frame(Type[name], task, u32(0), json(1))])],
  ];
  return [
    ...rows.map(([what, effect, of]) => ({ name: `${name}: ${what}`, effect, answer: of })),
    ...misplaced.map(([what, effect, of]) => ({ name: `${name}: one ${what}`, effect, answer: of })),
  ];
});

const unsendables: readonly Fault[] = (
  [
    ["null", null],
    ["a text", "result"],
    ["a number", 7],
    ["a list", []],
    ["no message", { path: "result" }],
    ["no path", { message: "a" }],
    ["an object for a message", { message: { toString: 1, valueOf: 1 }, path: "result" }],
    ["a list for a path", { message: "a", path: ["result"] }],
  ] as const
).map(([what, told]) => ({
  name: `Unsendable: ${what}`,
  effect: "call",
  answer: (task) => frame(Type.Unsendable, task, u32(0), json(told)),
}));

const others: readonly Fault[] = (
  [
    [
      "Result: the longest run time",
      "nothing",
      (task) => frame(Type.Result, task, u32(2 ** 32 - 1), json(ASKED)),
    ],
    ["Pong: one that nobody asked for", "worker", (task) => join([frame(Type.Pong, 0), good(task)])],
    [
      "Pong: the beginning of one of 64 MiB",
      "worker",
      (task) => join([u32(2 ** 26), [Type.Pong, 0, 0, 0, 0], good(task)]),
    ],
    [
      "Hearing: the beginning of one of 64 MiB",
      "worker",
      (task) => join([u32(2 ** 26), [Type.Hearing, 0, 0, 0, 0], good(task)]),
    ],
    [
      "Dying: the beginning of one of 64 MiB",
      "worker",
      (task) => join([u32(2 ** 26), [Type.Dying, 0, 0, 0, 0], good(task)]),
    ],
    ["Taken: one of nothing", "worker", (task) => join([frame(Type.Taken, 0), good(task)])],
    [
      "Taken: one of nothing, of a task and with bytes",
      "worker",
      (task) => join([frame(Type.Taken, task, "abc"), good(task)]),
    ],
    [
      "Ready: a second one",
      "worker",
      (task) => join([frame(Type.Ready, 0, JSON.stringify({ exports: ["echo"] })), good(task)]),
    ],
    ["Ready: a second one that lists nothing", "worker", (task) => join([frame(Type.Ready, 0), good(task)])],
    ["Hello: one in place of an answer", "worker", (task) => join([frame(Type.Hello, 0, "{}"), good(task)])],
    [
      "StartFailed: one in place of an answer",
      "worker",
      (task) => join([frame(Type.StartFailed, 0, json("late")), good(task)]),
    ],
    [
      "Call: one from a worker",
      "worker",
      (task) => join([frame(Type.Call, task, [0, 0, 0, 0], json([])), good(task)]),
    ],
    ["type: 0", "worker", (task) => join([frame(0, task), good(task)])],
    ["type: 255", "worker", (task) => join([frame(255, task), good(task)])],
    ["length: 4", "worker", (task) => join([u32(4), [Type.Result, 0, 0, 0, 1], good(task)])],
    ["length: 0", "worker", (task) => join([u32(0), [Type.Result, 0, 0, 0, 1], good(task)])],
    ["length: 4 GiB", "worker", (task) => join([u32(2 ** 32 - 1), [Type.Result, 0, 0, 0, 1], good(task)])],
    [
      "Bytes: one before a value that has no buffers",
      "call",
      (task) => join([frame(Type.Bytes, task, "abc"), good(task)]),
    ],
    [
      "Bytes: one before a frame without a value",
      "nothing",
      (task) => join([frame(Type.Bytes, 0, "abc"), frame(Type.Hearing, 0, "1"), good(task)]),
    ],
    ["Bytes: an empty one", "worker", (task) => join([frame(Type.Bytes, task), good(task)])],
    [
      "Bytes: a hundred thousand empty ones",
      "worker",
      (task) => join([...Array.from({ length: 100_000 }, () => frame(Type.Bytes, task)), good(task)]),
    ],
    ["Dying: one that can't be read", "worker", (task) => join([frame(Type.Dying, 0, [9]), good(task)])],
    [
      "Dying: one of a worker that lives on",
      "nothing",
      (task) => join([frame(Type.Dying, 0, json("alas")), good(task)]),
    ],
  ] as const satisfies readonly (readonly [string, Effect, (task: number) => Uint8Array])[]
).map(([name, effect, answer]) => ({ name, effect, answer }));

const chunks: readonly Fault[] = (
  [
    ["null", null],
    ["a text", "abc"],
    ["a number", 3],
    ["an object that looks like a list", { length: 3, 0: { value: 1 }, 1: { value: 1 }, 2: { value: 1 } }],
    ["nothing in it", []],
    ["too few", [{ value: 1 }, { value: 2 }]],
    ["too many", [{ value: 1 }, { value: 2 }, { value: 3 }, { value: 4 }]],
    ["nulls", [null, null, null]],
    ["texts", ["a", "b", "c"]],
    ["one that says nothing", [{ value: 1 }, {}, { value: 3 }]],
    ["lists", [[], [], []]],
    ["null for what can't be sent", [{ value: 1 }, { unsendable: null }, { value: 3 }]],
    ["what can't be sent without a message", [{ value: 1 }, { unsendable: { path: 7 } }, { value: 3 }]],
  ] as const
).map(([what, outcomes]) => ({
  name: `Result of a chunk: ${what}`,
  effect: "call",
  way: "chunk",
  answer: (task) => result(task, outcomes),
}));

export const answerFaults: readonly Fault[] = [
  ...beginnings,
  ...unsendables,
  ...others,
  ...chunks,
  {
    name: "Leave: answers to it",
    effect: "nothing",
    leave: join([result(1, "late"), frame(Type.Ready, 0, "{"), frame(Type.StartFailed, 0)]),
  },
];
