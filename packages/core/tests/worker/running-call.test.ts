import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { CallFlag, FrameType, WINDOW } from "../../src/wire/frame.ts";
import { FrameWriter } from "../../src/wire/frame-writer.ts";
import { decode } from "../../src/wire/value.ts";
import { RunningCall } from "../../src/worker/running-call.ts";
import { task } from "../../src/worker/task.ts";
import { installContext, type TaskContext } from "../../src/worker/task-context.ts";
import { RecordingChannel } from "../support/channel.ts";
import { settled } from "../support/fake-clock.ts";
import { readFrames } from "../support/frames.ts";
import { valueBytes } from "../support/value-bytes.ts";

const NAMES = new Map<number, string>(Object.entries(FrameType).map(([name, type]) => [type, name]));
const PREFIXED: ReadonlySet<number> = new Set([FrameType.PullInput, FrameType.InputStop]);

function setUp(flags = 0) {
  const channel = new RecordingChannel();
  const writer = new FrameWriter(channel);
  const contextStorage = new AsyncLocalStorage<TaskContext>() as never;
  installContext(contextStorage, () => undefined);
  const over: number[] = [];
  const call = new RunningCall(7, 0, flags, 0, {
    workerId: 3,
    writer,
    tell: (id, value) => writer.write(FrameType.Progress, id, value),
    afterTurn: (callback) => queueMicrotask(callback),
    now: () => 0,
    answer: ({ id }, type, value) => {
      writer.write(type, id, value);
      over.push(id);
    },
  });
  return {
    call,
    over,
    start: (body: (...args: never[]) => unknown, args: unknown = [], positions: number[] = []) =>
      call.start(body as never, { payload: valueBytes(args), at: 0 }, Uint8Array.from(positions)),
    send: (type: number, value?: unknown, prefix: number[] = []) =>
      call.onFrame(type, Uint8Array.from([...prefix, ...(value === undefined ? [] : valueBytes(value))])),
    pull: (count: number) => call.onFrame(FrameType.Pull, Uint8Array.from([0, 0, 0, count])),
    /** What was sent: the name of each frame, and its value or its bytes. */
    sent: () => {
      writer.flush();
      return readFrames(channel.writes).map(({ type, task: id, payload }) => {
        expect(id).toBe(7);
        return [NAMES.get(type), PREFIXED.has(type) ? [...payload] : decode(payload)];
      });
    },
  };
}

describe("a call", () => {
  test.each<[string, () => unknown, unknown]>([
    ["what it returns", () => "result", "result"],
    ["what its promise gives", async () => "later", "later"],
    ["nothing", () => undefined, undefined],
    // biome-ignore lint/suspicious/noThenProperty: it is the point
    ["what a thenable gives", () => ({ then: (give: (value: string) => void) => give("then") }), "then"],
  ])("answers with %s, once", async (_, body, value) => {
    const { start, sent, over } = setUp();
    start(body);
    await settled();
    expect([sent(), over]).toEqual([[["Result", value]], [7]]);
  });

  test.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new RangeError("mine");
      },
    ],
    ["rejects with", () => Promise.reject(new RangeError("mine"))],
  ])("answers with what it %s", async (_, body) => {
    const { start, sent, over } = setUp();
    start(body);
    await settled();
    const [[type, error], ...more] = sent() as [[string, Error]];
    expect([type, error instanceof RangeError, error.message, more, over]).toEqual([
      "Failure",
      true,
      "mine",
      [],
      [7],
    ]);
  });

  test("answers with the place of what can't be sent", async () => {
    const { start, sent } = setUp();
    start(() => ({ f: () => {} }));
    expect(sent()).toEqual([["Unsendable", { message: expect.any(String), path: "result.f" }]]);
  });

  test("answers with its failure when its arguments can't be read", () => {
    const { call, sent, over } = setUp();
    call.start(() => "never", { payload: Uint8Array.of(9), at: 0 });
    expect([sent()[0]?.[0], over]).toEqual(["Failure", [7]]);
  });

  test("knows itself while it runs, also after an await", async () => {
    const { start, sent } = setUp();
    start(async () => {
      await settled();
      return [task().id, task().workerId, task().signal.aborted];
    });
    await settled();
    await settled();
    expect(sent()).toEqual([["Result", [7, 3, false]]]);
  });

  test.each([
    ["asked for its signal before", true],
    ["asks for it only afterwards", false],
  ])("that is cancelled finds its signal aborted with the reason: %s", async (_, isBefore) => {
    const { call, start, sent } = setUp();
    let release: () => void = () => {};
    start(async () => {
      const before = isBefore ? task().signal : undefined;
      await new Promise<void>((resolve) => (release = resolve));
      return [(before ?? task().signal).aborted, task().signal.reason];
    });
    call.cancel("given up");
    release();
    await settled();
    expect(sent()).toEqual([["Result", [true, "given up"]]]);
  });

  test("sends progress where somebody listens, in order, and none after its end", async () => {
    for (const flags of [CallFlag.Progress, 0]) {
      const { start, sent } = setUp(flags);
      let emit: (value: unknown) => void = () => {};
      start(async () => {
        emit = task().emit;
        emit(1);
        await undefined;
        emit({ two: 2 });
        return "result";
      });
      await settled();
      emit("too late");
      const progress =
        flags === 0
          ? []
          : [
              ["Progress", 1],
              ["Progress", { two: 2 }],
            ];
      expect(sent()).toEqual([...progress, ["Result", "result"]]);
    }
  });

  test("throws at progress that can't be sent", async () => {
    const { start, sent } = setUp(CallFlag.Progress);
    start(() => {
      try {
        task().emit(() => {});
      } catch (error) {
        return (error as { code: string }).code;
      }
      return "sent";
    });
    expect(sent()).toEqual([["Result", "ERR_SERIALIZATION"]]);
  });

  test("of a chunk answers with its outcomes, the errors as they are", async () => {
    const { start, sent } = setUp(CallFlag.Chunk);
    const body = (value: unknown) => {
      if (value === "bad") throw new RangeError("mine");
      return value;
    };
    start(body, [["a"], ["bad"]]);
    await settled();
    const [[type, outcomes]] = sent() as [[string, { value?: unknown; error?: unknown }[]]];
    expect([type, outcomes[0]]).toEqual(["Result", { value: "a" }]);
    expect(outcomes[1]?.error).toBeInstanceOf(RangeError);
  });
});

describe("a stream", () => {
  test("sends as many items as are asked for, then its return value", async () => {
    const { start, sent, pull, over } = setUp(CallFlag.Stream);
    start(function* () {
      yield "a";
      yield "b";
      return "end";
    });
    await settled();
    expect(sent()).toEqual([]);
    pull(1);
    await settled();
    expect([sent(), over]).toEqual([[["Item", "a"]], []]);
    pull(5);
    await settled();
    expect([sent(), over]).toEqual([
      [
        ["Item", "a"],
        ["Item", "b"],
        ["Result", "end"],
      ],
      [7],
    ]);
  });

  test("that is cancelled ends its generator, whose signal is aborted, and then the call", async () => {
    const { call, start, sent, pull, over } = setUp(CallFlag.Stream);
    const seen: unknown[] = [];
    start(async function* () {
      try {
        for (;;) yield 1;
      } finally {
        seen.push(task().signal.reason);
      }
    });
    pull(1);
    await settled();
    call.cancel("enough");
    await settled();
    expect([seen, sent(), over]).toEqual([
      ["enough"],
      [
        ["Item", 1],
        ["Result", undefined],
      ],
      [7],
    ]);
  });

  test("fails by the place of an item that can't be sent", async () => {
    const { start, sent, pull } = setUp(CallFlag.Stream);
    start(function* () {
      yield { f: () => {} };
    });
    pull(1);
    await settled();
    expect(sent()).toEqual([["Unsendable", { message: expect.any(String), path: "item.f" }]]);
  });

  test("of a function that returns no iterable is a TypeError that says what to call", async () => {
    const { start, sent } = setUp(CallFlag.Stream);
    start(function plain() {
      return 5;
    });
    const [[type, error]] = sent() as [[string, Error]];
    expect([type, error.name]).toEqual(["Failure", "TypeError"]);
    expect(error.message).toContain("Expected `plain` to return a generator");
  });
});

describe("an argument that is an iterable", () => {
  const readAll = async (input: AsyncIterable<unknown>) => {
    const items: unknown[] = [];
    for await (const item of input) items.push(item);
    return items;
  };

  test("is asked for, item by item, and ends", async () => {
    const { start, sent, send } = setUp();
    start((_: number, input: AsyncIterable<unknown>) => readAll(input), [5, null], [1]);
    await settled();
    expect(sent()).toEqual([["PullInput", [1, 0, 0, 0, WINDOW]]]);
    for (const item of ["a", "b"]) send(FrameType.Input, item, [1]);
    send(FrameType.InputEnd, undefined, [1]);
    await settled();
    expect(sent().at(-1)).toEqual(["Result", ["a", "b"]]);
  });

  test("throws in the task what it threw in the host", async () => {
    const { start, sent, send } = setUp();
    start((input: AsyncIterable<unknown>) => readAll(input).catch((error) => `caught ${error}`), [null], [0]);
    await settled();
    send(FrameType.InputFailure, "thrown", [0]);
    await settled();
    expect(sent().at(-1)).toEqual(["Result", "caught thrown"]);
  });

  test("is told when the task leaves its loop", async () => {
    const { start, sent, send } = setUp();
    start(
      async (input: AsyncIterable<unknown>) => {
        for await (const item of input) return item;
      },
      [null],
      [0],
    );
    await settled();
    send(FrameType.Input, "a", [0]);
    await settled();
    expect(sent().slice(1)).toEqual([
      ["InputStop", [0]],
      ["Result", "a"],
    ]);
  });

  test("ends for whoever still reads it when the task is over, and nothing more is asked", async () => {
    const { start, sent } = setUp();
    let reading: Promise<unknown> = Promise.resolve();
    start(
      async (input: AsyncIterable<unknown>) => {
        reading = readAll(input).catch((error: Error) => error.message);
        await undefined;
      },
      [null],
      [0],
    );
    await settled();
    expect(await reading).toBe("The task is over");
    expect(sent().map(([name]) => name)).toEqual(["PullInput", "Result"]);
  });

  test("takes no notice of items of another", async () => {
    const { start, send, sent } = setUp();
    start(() => "result", [null], [0]);
    expect(() => send(FrameType.Input, "a", [4])).not.toThrow();
    expect(sent()).toEqual([["Result", "result"]]);
  });
});
