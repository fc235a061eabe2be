import { describe, expect, test } from "vitest";
import { CallFlag } from "../../src/wire/frame.ts";
import { task } from "../../src/worker/task.ts";
import { settled } from "../support/fake-clock.ts";
import { setUp } from "../support/running-call.ts";

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

describe("a chunk that is cancelled", () => {
  test("begins no further item, also where its items compute", async () => {
    const { call, start, sent } = setUp(CallFlag.Chunk, () => performance.now());
    let begun = 0;
    const body = () => {
      begun++;
      for (const end = performance.now() + 6; performance.now() < end; );
    };
    start(
      body,
      Array.from({ length: 20 }, () => []),
    );
    call.cancel("given up");
    await settled();
    await settled();
    expect([begun, sent()]).toEqual([1, [["Result", [{ value: undefined }]]]]);
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
