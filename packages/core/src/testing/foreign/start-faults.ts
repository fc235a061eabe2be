/** What a worker can get wrong before it takes calls: Hello, Ready, StartFailed, and what comes too early. */
import { frame, graph, join, json, type Part, result, Type, u32, VERSION, value } from "./bytes.ts";
import type { Fault } from "./fault.ts";

/** An object that can't be converted to a string. */
const ODD = { toString: 1, valueOf: 1 };

const text = (of: unknown): string => JSON.stringify(of);
const ready = (of: unknown): Uint8Array => frame(Type.Ready, 0, text(of));
const good = ready({ exports: ["echo"] });

const helloFaults: readonly Fault[] = (
  [
    ["no version", { version: undefined }],
    ["a text for a version", { version: String(VERSION) }],
    ["an object for a version", { version: ODD }],
    ["an object for a runtime, of another version", { version: VERSION + 1, runtime: ODD }],
    ["an older version", { version: VERSION - 1 }],
    ["no codec", { codec: undefined }],
    ["a codec that does not exist", { codec: "msgpack" }],
    ["an object for a codec", { codec: ODD }],
    ["no token", { token: undefined }],
    ["an object for a token", { token: ODD }],
  ] as const
).map(([what, wrong]) => ({
  name: `Hello: ${what}`,
  effect: "start",
  hello: (hello) => frame(Type.Hello, 0, text({ ...hello, ...wrong })),
}));

const wholeHellos: readonly Fault[] = (
  [
    ["nothing in it", () => frame(Type.Hello, 0)],
    ["no JSON", () => frame(Type.Hello, 0, "{")],
    ["null", () => frame(Type.Hello, 0, "null")],
    ["a list", () => frame(Type.Hello, 0, "[]")],
    ["longer than it may be", (hello) => frame(Type.Hello, 0, text({ ...hello, more: "x".repeat(5_000) }))],
    [
      "two in one write",
      (hello) => join([frame(Type.Hello, 0, text(hello)), frame(Type.Hello, 0, text(hello))]),
    ],
    ["a Ready right behind it", (hello) => join([frame(Type.Hello, 0, text(hello)), good])],
    ["Bytes before it", (hello) => join([frame(Type.Bytes, 0, "abc"), frame(Type.Hello, 0, text(hello))])],
  ] as const satisfies readonly (readonly [string, (hello: object) => Uint8Array])[]
).map(([what, hello]) => ({ name: `Hello: ${what}`, effect: "start", hello }));

const readyFaults: readonly Fault[] = (
  [
    ["nothing in it", () => frame(Type.Ready, 0)],
    ["no JSON", () => frame(Type.Ready, 0, "{")],
    ["no UTF-8", () => frame(Type.Ready, 0, [0x22, 0xff, 0x22])],
    ["null", () => ready(null)],
    ["a list", () => ready(["echo"])],
    ["no exports", () => ready({})],
    ["null for exports", () => ready({ exports: null })],
    ["a text for exports", () => ready({ exports: "echo" })],
    ["numbers for names", () => ready({ exports: [1, 2] })],
    ["objects for names", () => ready({ exports: ["echo", ODD] })],
    ["a name twice", () => ready({ exports: ["echo", "echo"] })],
    [
      "too many names",
      () => ready({ exports: ["echo", ...Array.from({ length: 65_536 }, (_, i) => `name${i}`)] }),
    ],
    ["a name of 100,000 characters", () => ready({ exports: ["echo", "x".repeat(100_000)] })],
    ["a second Hello before it", () => frame(Type.Hello, 0, text({ version: VERSION, codec: "json" }))],
    ["a result before it", () => join([result(1, "early"), good])],
    ["a failure of task 0 before it", () => join([frame(Type.Failure, 0, u32(0), json(1)), good])],
    ["an item before it", () => join([frame(Type.Item, 1, json(1)), good])],
    ["progress before it", () => join([frame(Type.Progress, 1, json(1)), good])],
    ["a PullInput before it", () => join([frame(Type.PullInput, 1, [0], u32(1)), good])],
    ["an InputStop before it", () => join([frame(Type.InputStop, 1, [0]), good])],
    ["a Pong before it", () => join([frame(Type.Pong, 0), good])],
    ["a Taken before it", () => join([frame(Type.Taken, 0), good])],
    ["an unknown frame before it", () => join([frame(99, 0), good])],
  ] as const
).map(([what, bytes]) => ({ name: `Ready: ${what}`, effect: "start", ready: bytes }));

const harmlessReadies: readonly Fault[] = (
  [
    ["of a task", () => frame(Type.Ready, 7, text({ exports: ["echo"] }))],
    ["with more in it", () => ready({ exports: ["a", "echo"], __proto__: null, more: [1] })],
    ["behind Bytes", () => join([frame(Type.Bytes, 0, "abc"), good])],
  ] as const
).map(([what, bytes]) => ({ name: `Ready: one ${what}`, effect: "nothing", ready: bytes }));

const startFailed = (payload: readonly Part[], task = 0): Uint8Array =>
  frame(Type.StartFailed, task, ...payload);

const startFailures: readonly Fault[] = (
  [
    ["nothing in it", () => startFailed([])],
    ["half a value", () => startFailed([[1, 0, 0]])],
    ["no JSON", () => startFailed([value(1, "{")])],
    ["a kind that does not exist", () => startFailed([value(9, "1")])],
    ["null", () => startFailed([json(null)])],
    ["an object that is no text", () => startFailed([json({ ...ODD, message: ODD, stack: ODD, name: ODD })])],
    ["an error whose parts are objects", () => startFailed([oddError()])],
    ["two", () => join([startFailed([json("a")]), startFailed([json("b")])])],
    ["a Ready behind it", () => join([startFailed([json("a")]), good])],
    ["of a task", () => startFailed([json("a")], 9)],
  ] as const
).map(([what, bytes]) => ({ name: `StartFailed: ${what}`, effect: "start", ready: bytes, codec: "graph" }));

function oddError(): Uint8Array {
  const odd = ["object", "toString", 1, "valueOf", 1];
  return graph([
    [1],
    ["error", "Error", "message", 0, [2], "name", 0, [2], "stack", 0, [2], "code", 1, [2]],
    odd,
  ]);
}

export const startFaults: readonly Fault[] = [
  ...helloFaults,
  ...wholeHellos,
  {
    name: "Hello: one that never ends",
    effect: "start",
    isMute: true,
    hello: () => Uint8Array.from([...u32(2_000), Type.Hello, ...u32(0), 0x7b]),
  },
  ...readyFaults,
  {
    name: "Ready: one that never ends",
    effect: "start",
    isMute: true,
    ready: () => Uint8Array.from([...u32(2 ** 20), Type.Ready, ...u32(0), 0x7b]),
  },
  ...harmlessReadies,
  ...startFailures,
];
