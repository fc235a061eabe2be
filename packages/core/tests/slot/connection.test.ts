import { describe, expect, test } from "vitest";
import { ProtocolError, SerializationError } from "../../src/errors.ts";
import { CallFlag, FrameType, WINDOW } from "../../src/wire/frame.ts";
import { bytesOfUint32 } from "../../src/wire/integers.ts";
import { RING_AT } from "../../src/wire/journal.ts";
import { encode } from "../../src/wire/value.ts";
import { FakeFile } from "../support/fake-files.ts";
import { frameBytes, readFrames } from "../support/frames.ts";
import { HELLO, type Heard, Listening } from "../support/heard.ts";
import { GRAPH_KIND, JSON_KIND, payloadFrom, payloadOf } from "../support/transfer.ts";

const NO_ARGS = encode([], "args");
const value = (of: unknown): Uint8Array => payloadOf(encode(of, "value"));
const answer = (of: unknown, runTime = 2_000): number[] => [...bytesOfUint32(runTime), ...value(of)];
const text = (of: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(of));
const garbled = payloadFrom(JSON_KIND, "{");

/** Calls 1 (plain), 2 (a stream), 3 (progress) and 4 (its argument 1 is an iterable) are under way. */
function busy(codec?: "json"): Listening {
  const listening = new Listening(codec);
  const { connection } = listening;
  listening.frame(FrameType.Ready, 0, text({ exports: ["a"] }));
  connection.outbox.call(1, [0, 0, 0, 0], NO_ARGS);
  connection.outbox.call(2, [0, 0, CallFlag.Stream, 0], NO_ARGS);
  connection.outbox.call(3, [0, 0, CallFlag.Progress, 0], NO_ARGS);
  connection.outbox.call(4, [0, 0, 0, 1, 1], NO_ARGS);
  connection.outbox.link(2).pull(2);
  listening.heard.length = 0;
  return listening;
}

describe("what a worker may send", () => {
  test.each<[string, (worker: Listening) => void, readonly Heard[]]>([
    ["a result", (w) => w.frame(FrameType.Result, 1, answer(5)), [["Outcome", 1, true, 5, 2]]],
    ["a failure", (w) => w.frame(FrameType.Failure, 1, answer("a", 0)), [["Outcome", 1, false, "a", 0]]],
    [
      "the items that were pulled",
      (w) => {
        w.frame(FrameType.Item, 2, value(1));
        w.frame(FrameType.Item, 2, value(2));
        w.frame(FrameType.Result, 2, answer(null));
      },
      [
        ["Item", 2, 1],
        ["Item", 2, 2],
        ["Outcome", 2, true, null, 2],
      ],
    ],
    ["progress", (w) => w.frame(FrameType.Progress, 3, value(1)), [["Progress", 3, 1]]],
    [
      "requests for an argument",
      (w) => {
        w.frame(FrameType.PullInput, 4, [1, ...bytesOfUint32(16)]);
        w.frame(FrameType.InputStop, 4, [1]);
      },
      [
        ["PullInput", 4, 1, 16],
        ["InputStop", 4, 1],
      ],
    ],
    [
      "requests for a window of items at a time, as they are sent",
      (w) => {
        const link = w.connection.outbox.link(4);
        w.frame(FrameType.PullInput, 4, [1, ...bytesOfUint32(WINDOW)]);
        for (let i = 0; i < WINDOW; i++) link.input(1, NO_ARGS);
        w.frame(FrameType.PullInput, 4, [1, ...bytesOfUint32(WINDOW)]);
      },
      [
        ["PullInput", 4, 1, WINDOW],
        ["PullInput", 4, 1, WINDOW],
      ],
    ],
    [
      "a Pong for each Ping",
      (w) => {
        w.connection.ping();
        w.connection.ping();
        w.frame(FrameType.Pong, 0);
        w.frame(FrameType.Pong, 9);
      },
      [],
    ],
  ])("%s", (_, send, heard) => {
    const worker = busy();
    send(worker);
    expect(worker.heard).toEqual(heard);
  });
});

describe("what fails one call alone", () => {
  const unreadable: readonly (readonly [string, readonly number[]])[] = [
    ["nothing", []],
    ["half a run time", [0, 1]],
    ["a run time alone", [0, 0, 1, 0]],
    ["half a header", [0, 0, 0, 0, JSON_KIND, 0]],
    ["what is no JSON", [0, 0, 0, 0, ...garbled]],
    ["a kind that does not exist", [0, 0, 0, 0, 7, 0, 0, 0, 0]],
  ];
  for (const [name, type] of [
    ["a Result", FrameType.Result],
    ["a Failure", FrameType.Failure],
    ["an Unsendable", FrameType.Unsendable],
  ] as const) {
    test.each(unreadable)(`${name} with %s`, (_, payload) => {
      const worker = busy();
      worker.frame(type, 1, payload);
      worker.frame(FrameType.Result, 3, answer("next"));
      expect(worker.heard).toEqual([
        ["Outcome", 1, false, expect.any(ProtocolError), payload.length < 4 ? 0 : expect.any(Number)],
        ["Outcome", 3, true, "next", 2],
      ]);
    });
  }

  test.each([null, "a", { message: 1, path: "" }])("an Unsendable that says %j", (told) => {
    const worker = busy();
    worker.frame(FrameType.Unsendable, 1, answer(told));
    worker.frame(FrameType.Unsendable, 3, answer({ message: "a", path: "b" }));
    expect(worker.heard).toEqual([
      ["Outcome", 1, false, expect.any(ProtocolError), 2],
      ["Outcome", 3, false, expect.any(SerializationError), 2],
    ]);
  });

  test("an item and a progress that can't be read", () => {
    const worker = busy();
    worker.frame(FrameType.Item, 2, garbled);
    worker.frame(FrameType.Progress, 3, [9]);
    worker.frame(FrameType.Item, 2, value(2));
    expect(worker.heard).toEqual([
      ["Unreceivable", 2, expect.any(ProtocolError)],
      ["Unreceivable", 3, expect.any(ProtocolError)],
      ["Item", 2, 2],
    ]);
  });

  test("an answer of a worker of JSON that is none", () => {
    const worker = busy("json");
    worker.frame(FrameType.Result, 1, [0, 0, 0, 0, ...payloadFrom(GRAPH_KIND, "[5]")]);
    worker.frame(FrameType.Result, 3, [0, 0, 0, 0, ...payloadFrom(3, "[5]")]);
    worker.frame(FrameType.Result, 4, answer(undefined));
    expect(worker.heard.map(([, task, isResult]) => [task, isResult])).toEqual([
      [1, false],
      [3, false],
      [4, true],
    ]);
    // It takes no Taken either.
    worker.connection.leave();
    expect(readFrames(worker.channel.writes).some(({ type }) => type === FrameType.Taken)).toBe(false);
  });
});

describe("what ends the worker", () => {
  test.each<[string, (worker: Listening) => void]>([
    ["an item of a call that is no stream", (w) => w.frame(FrameType.Item, 1, value(1))],
    ["an item of a task it was never given", (w) => w.frame(FrameType.Item, 99, value(1))],
    ["a Pong that answers no Ping", (w) => w.frame(FrameType.Pong, 0)],
    [
      "a second Pong",
      (w) => {
        w.connection.ping();
        w.frame(FrameType.Pong, 0);
        w.frame(FrameType.Pong, 0);
      },
    ],
    ["a request for nothing", (w) => w.frame(FrameType.PullInput, 4, [1, ...bytesOfUint32(0)])],
    ["an item of task 0", (w) => w.frame(FrameType.Item, 0, value(1))],
    [
      "more items than were pulled",
      (w) => {
        for (let i = 0; i < 3; i++) w.frame(FrameType.Item, 2, value(i));
      },
    ],
    [
      "an item behind the answer",
      (w) => {
        w.frame(FrameType.Result, 2, answer(1));
        w.frame(FrameType.Item, 2, value(1));
      },
    ],
    ["progress nobody listens to", (w) => w.frame(FrameType.Progress, 1, value(1))],
    ["progress of a task it was never given", (w) => w.frame(FrameType.Progress, 99, value(1))],
    ["a request for an argument that is none", (w) => w.frame(FrameType.PullInput, 4, [0, 0, 0, 0, 1])],
    ["a request in a call without iterables", (w) => w.frame(FrameType.PullInput, 1, [1, 0, 0, 0, 1])],
    ["a request without a count", (w) => w.frame(FrameType.PullInput, 4, [1])],
    ["a request without anything", (w) => w.frame(FrameType.PullInput, 4, [])],
    ["a request with more than a count", (w) => w.frame(FrameType.PullInput, 4, [1, 0, 0, 0, 1, 0])],
    ["a request for all there can be", (w) => w.frame(FrameType.PullInput, 4, [1, 255, 255, 255, 255])],
    [
      "requests that add up to too many",
      (w) => {
        for (let i = 0; i < 3; i++) w.frame(FrameType.PullInput, 4, [1, ...bytesOfUint32(500)]);
      },
    ],
    ["a stop of an argument that is none", (w) => w.frame(FrameType.InputStop, 4, [0])],
    ["a stop of nothing", (w) => w.frame(FrameType.InputStop, 4, [])],
    ["a stop with more behind it", (w) => w.frame(FrameType.InputStop, 4, [1, 0])],
    ["a Taken of nothing", (w) => w.frame(FrameType.Taken, 0)],
    ["a StartFailed once it is ready", (w) => w.frame(FrameType.StartFailed, 0, value("a"))],
    ["a Ready that is no JSON", (w) => w.frame(FrameType.Ready, 0, [0x7b])],
    ["a Ready that is not UTF-8", (w) => w.frame(FrameType.Ready, 0, [0x22, 0xff, 0x22])],
    ["a second Hello", (w) => w.frame(FrameType.Hello, 0, text(HELLO))],
    ["a frame that only a host sends", (w) => w.frame(FrameType.Call, 1, answer(1))],
    ["a type that does not exist", (w) => w.frame(99, 1, answer(1))],
    ["bytes that are no frames", (w) => w.bytes(new Uint8Array(64).fill(255))],
  ])("%s, and nothing is heard of it any more", (_, send) => {
    const worker = busy();
    send(worker);
    const last = worker.heard.at(-1);
    expect(last).toEqual(["Broken", expect.any(ProtocolError)]);
    const heard = worker.heard.length;
    worker.frame(FrameType.Result, 1, answer(1));
    worker.frame(FrameType.Item, 2, value(1));
    worker.bytes(new Uint8Array(1_000));
    expect(worker.heard).toHaveLength(heard);
  });
});

describe("the journal, read by whoever hears of a frame", () => {
  const frames = [
    { type: FrameType.Progress, task: 3, payload: value("first") },
    { type: FrameType.Item, task: 2, payload: value(1) },
    { type: FrameType.Item, task: 2, payload: value(2) },
    { type: FrameType.Result, task: 1, payload: Uint8Array.from(answer(5)) },
  ].map(frameBytes);
  const written = Uint8Array.from(frames.flatMap((bytes) => [...bytes]));
  const ends = frames.map((_, i) => frames.slice(0, i + 1).reduce((sum, { length }) => sum + length, 0));

  test.each([
    ["ends with that frame", ends[0] as number],
    ["goes on with another", ends[1] as number],
    ["ends within another", (ends[1] as number) + 5],
    ["ends within the last", written.length - 1],
  ])("comes behind the chunk that holds it, where that %s", (_, received) => {
    const worker = busy();
    const before = { count: 0 };
    const journal = new FakeFile();
    worker.onEvent = (event) => {
      if (event !== "Progress") return;
      const { isBehind, started } = worker.connection.readJournal(journal);
      before.count = worker.heard.length;
      expect({ isBehind, started }).toEqual({ isBehind: true, started: 4 });
    };
    const ready = frameBytes({ type: FrameType.Ready, task: 0, payload: text({ exports: ["a"] }) });
    journal.write(
      Uint8Array.from([4, 1, ready.length + written.length].flatMap((n) => [...bytesOfUint32(n)])),
      0,
    );
    journal.write(Uint8Array.from([...ready, ...written]), RING_AT);
    worker.bytes(written.slice(0, received));
    expect(worker.heard).toEqual([
      ["Progress", 3, "first"],
      ["Item", 2, 1],
      ["Item", 2, 2],
      ["Outcome", 1, true, 5, 2],
    ]);
    expect(before.count).toBe(1);
    worker.bytes(written.slice(received)); // the channel brings it, too
    expect(worker.heard).toHaveLength(4);
  });
});

describe("what was written", () => {
  test("has left when the kernel has all of it, and nothing waits in front of it", () => {
    const { connection, channel } = busy();
    expect(connection.hasSentAll).toBe(false); // it leaves at the end of the tick
    channel.isFull = true;
    connection.leave();
    expect(connection.hasSentAll).toBe(false);
    channel.take();
    expect(connection.hasSentAll).toBe(true);
    connection.outbox.callHearing(9, [0, 0, 0, 0], NO_ARGS, () => {});
    channel.take();
    expect(connection.hasSentAll).toBe(false);
  });
});
