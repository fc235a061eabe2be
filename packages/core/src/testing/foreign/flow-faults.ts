/** What a worker can get wrong where items flow: Item, Progress, PullInput and InputStop. */
import { ASKED } from "./answer-faults.ts";
import { frame, join, json, type Part, result, Type, u32, value } from "./bytes.ts";
import type { Effect, Fault, Way } from "./fault.ts";

const good = (task: number): Uint8Array => result(task, ASKED);
const times = (count: number, bytes: Uint8Array): Uint8Array[] => Array.from({ length: count }, () => bytes);

type Row = readonly [what: string, effect: Effect, way: Way, sent: (task: number) => Uint8Array];

/** Item and Progress have the same faults. */
const unreadable: readonly Row[] = (
  [
    ["Item", "stream"],
    ["Progress", "progress"],
  ] as const
).flatMap(([name, way]) => {
  const sends = (payload: readonly Part[]) => (task: number) => frame(Type[name], task, ...payload);
  return [
    [`${name}: nothing in it`, "call", way, sends([])],
    [`${name}: half a value`, "call", way, sends([[1, 0]])],
    [`${name}: a text that is longer than it`, "call", way, sends([value(1, "1", "", 99)])],
    [`${name}: no JSON`, "call", way, sends([value(1, "{")])],
    [`${name}: a kind that does not exist`, "call", way, sends([value(9, "1")])],
    [`${name}: one of task 0`, "worker", way, () => frame(Type[name], 0, json(1))],
    [`${name}: one of a task that was never given`, "worker", way, () => frame(Type[name], 999, json(1))],
    [
      `${name}: one behind the answer`,
      "later",
      way,
      (task) => join([good(task), frame(Type[name], task, json(1))]),
    ],
  ] as const;
});

const pull = (task: number, ...payload: readonly Part[]): Uint8Array =>
  frame(Type.PullInput, task, ...payload);
const stop = (task: number, ...payload: readonly Part[]): Uint8Array =>
  frame(Type.InputStop, task, ...payload);

const rows: readonly Row[] = [
  ...unreadable,
  ["Item: one of a call that is no stream", "worker", "run", (task) => frame(Type.Item, task, json(1))],
  [
    "Item: one where somebody listens for progress",
    "worker",
    "progress",
    (task) => frame(Type.Item, task, json(1)),
  ],
  [
    "Item: more than were pulled",
    "worker",
    "stream",
    (task) => join(times(1_000, frame(Type.Item, task, json(1)))),
  ],
  ["Progress: one nobody listens to", "worker", "run", (task) => frame(Type.Progress, task, json(1))],
  [
    "Progress: one of a stream nobody listens to",
    "worker",
    "stream",
    (task) => frame(Type.Progress, task, json(1)),
  ],

  ["PullInput: one of a call without iterables", "worker", "run", (task) => pull(task, [0], u32(1))],
  ["PullInput: one of another argument", "worker", "input", (task) => pull(task, [1], u32(1))],
  ["PullInput: one of argument 255", "worker", "input", (task) => pull(task, [255], u32(1))],
  ["PullInput: nothing in it", "worker", "input", (task) => pull(task)],
  ["PullInput: no count", "worker", "input", (task) => pull(task, [0])],
  ["PullInput: half a count", "worker", "input", (task) => pull(task, [0, 0, 1])],
  ["PullInput: more than a count", "worker", "input", (task) => pull(task, [0], u32(1), [0])],
  ["PullInput: a count of 0", "worker", "input", (task) => pull(task, [0], u32(0))],
  ["PullInput: a count of 4294967295", "worker", "input", (task) => pull(task, [0], u32(2 ** 32 - 1))],
  ["PullInput: a count of 17", "worker", "input", (task) => pull(task, [0], u32(17))],
  ["PullInput: a count of 16", "nothing", "input", (task) => join([pull(task, [0], u32(16)), good(task)])],
  [
    "PullInput: 16 and one more",
    "worker",
    "input",
    (task) => join([pull(task, [0], u32(16)), pull(task, [0], u32(1)), good(task)]),
  ],
  [
    "PullInput: counts that add up",
    "worker",
    "input",
    (task) => join(times(100, pull(task, [0], u32(1_000)))),
  ],
  ["PullInput: one of task 0", "worker", "input", () => pull(0, [0], u32(1))],
  ["PullInput: one of a task that was never given", "worker", "input", () => pull(999, [0], u32(1))],
  [
    "PullInput: one behind the answer",
    "later",
    "input",
    (task) => join([good(task), pull(task, [0], u32(1))]),
  ],

  ["InputStop: one of a call without iterables", "worker", "run", (task) => stop(task, [0])],
  ["InputStop: one of another argument", "worker", "input", (task) => stop(task, [1])],
  ["InputStop: nothing in it", "worker", "input", (task) => stop(task)],
  ["InputStop: more than a place", "worker", "input", (task) => stop(task, [0, 0])],
  ["InputStop: one of task 0", "worker", "input", () => stop(0, [0])],
  ["InputStop: one of a task that was never given", "worker", "input", () => stop(999, [0])],
  ["InputStop: two", "nothing", "input", (task) => join([...times(2, stop(task, [0])), good(task)])],
  [
    "InputStop: a PullInput behind it",
    "nothing",
    "input",
    (task) => join([stop(task, [0]), pull(task, [0], u32(5)), good(task)]),
  ],
  ["InputStop: one behind the answer", "later", "input", (task) => join([good(task), stop(task, [0])])],
];

export const flowFaults: readonly Fault[] = rows.map(([name, effect, way, answer]) => ({
  name,
  effect,
  way,
  answer,
  ...(way === "input" ? { codec: "graph" } : {}),
}));
