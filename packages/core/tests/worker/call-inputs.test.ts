import { describe, expect, test } from "vitest";
import { CallFlag, FrameType, WINDOW } from "../../src/wire/frame.ts";
import { settled } from "../support/fake-clock.ts";
import { setUp } from "../support/running-call.ts";

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

  test.each([true, false])(
    "rejects with the reason of a cancel, whoever waits: in a loop %s",
    async (isLoop) => {
      const { call, start, sent, send } = setUp();
      start(
        async (input: AsyncIterableIterator<unknown>) => {
          const items: unknown[] = [];
          try {
            if (isLoop) for await (const item of input) items.push(item);
            else for (;;) items.push((await input.next()).value);
          } catch (error) {
            return [items, error, (await input.next()).done];
          }
          return "ended";
        },
        [null],
        [0],
      );
      await settled();
      send(FrameType.Input, "a", [0]);
      await settled();
      call.cancel("given up");
      send(FrameType.Input, "too late", [0]);
      await settled();
      expect(sent()).toEqual([
        ["PullInput", [0, 0, 0, 0, WINDOW]],
        ["Result", [["a"], "given up", true]],
      ]);
    },
  );

  test("that is cancelled ends a generator that waits for it, and all others of the call", async () => {
    const { call, start, sent, pull, over } = setUp(CallFlag.Stream);
    const seen: unknown[] = [];
    start(
      async function* (one: AsyncIterable<unknown>, other: AsyncIterable<unknown>) {
        try {
          yield* one;
        } catch (error) {
          seen.push(error, await readAll(other).catch((second) => second));
          throw error;
        }
      },
      [null, null],
      [0, 1],
    );
    pull(1);
    await settled();
    call.cancel("enough");
    await settled();
    expect([seen, sent().at(-1), over]).toEqual([["enough", "enough"], ["Result", undefined], [7]]);
  });

  test("of which the task has left a `next()` behind is no unhandled rejection", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", onUnhandled);
    for (const isCancelled of [true, false]) {
      const { call, start, over } = setUp();
      start(
        (input: AsyncIterator<unknown>) => {
          void input.next();
          return isCancelled ? settled() : "result";
        },
        [null],
        [0],
      );
      if (isCancelled) call.cancel("given up");
      await settled();
      await settled();
      expect(over).toEqual([7]);
    }
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled).toEqual([]);
  });

  test("rejects items of another, and items it has not asked for", () => {
    const { start, send } = setUp();
    start(() => new Promise(() => {}), [null], [0]);
    for (const position of [4, 0]) {
      expect(() => send(FrameType.Input, "a", [position])).toThrow(
        expect.objectContaining({ code: "ERR_PROTOCOL" }),
      );
    }
  });
});
