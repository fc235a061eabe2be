import { describe, expect, test } from "vitest";
import { runChunk, sendable } from "../../src/worker/chunk.ts";
import { settled } from "../support/fake-clock.ts";

/** A loop whose time passes only when an item says so, and that turns when the test says so. */
function fakeLoop() {
  const loop = {
    time: 0,
    turns: [] as (() => void)[],
    now: () => loop.time,
    pass: (ms: number) => {
      loop.time += ms;
    },
    afterTurn: (callback: () => void) => void loop.turns.push(callback),
    turn: async () => {
      loop.turns.shift()?.();
      await settled();
    },
  };
  return loop;
}

type Loop = ReturnType<typeof fakeLoop>;

const never = () => false;
const run = (task: (...args: unknown[]) => unknown, items: unknown[][]) =>
  runChunk(task, items, fakeLoop(), never);

const unreadable = {
  // biome-ignore lint/suspicious/noThenProperty: it is the point
  get then() {
    throw "read";
  },
};

describe("a chunk", () => {
  test("runs its items one after another, each with its own arguments", async () => {
    const log: string[] = [];
    const { list: outcomes } = await run(
      async (...args) => {
        log.push(`start ${args.join()}`);
        await undefined;
        log.push(`end ${args.join()}`);
        return args.length;
      },
      [[1, 2], [], [3]],
    );
    expect(outcomes).toEqual([{ value: 2 }, { value: 0 }, { value: 1 }]);
    expect(log).toEqual(["start 1,2", "end 1,2", "start ", "end ", "start 3", "end 3"]);
  });

  test("has an outcome for each item: an error of one is none of its neighbours'", async () => {
    const { list: outcomes } = await run(
      (how) => {
        if (how === "throw") throw "thrown";
        if (how === "reject") return Promise.reject("rejected");
        if (how === "then") return unreadable;
        return how === "nothing" ? undefined : how;
      },
      [["a"], ["throw"], ["reject"], ["then"], ["nothing"], ["b"]],
    );
    expect(outcomes).toEqual([
      { value: "a" },
      { error: "thrown" },
      { error: "rejected" },
      { error: "read" },
      { value: undefined },
      { value: "b" },
    ]);
  });

  test("tells a result that can't be sent by its place", async () => {
    const { list: outcomes } = await run((value) => value, [[{ deep: { f: () => {} } }], [1]]);
    expect(outcomes.map(sendable)).toEqual([
      { unsendable: { message: expect.stringContaining("result.deep.f"), path: "result.deep.f" } },
      { value: 1 },
    ]);
  });

  test("of nothing has no outcome", async () => {
    expect((await run(() => expect.unreachable("no item"), [])).list).toEqual([]);
  });

  test("of 200,000 items has as many outcomes", async () => {
    const items = Array.from({ length: 200_000 }, (_, i) => [i]);
    expect((await run((value) => value, items)).list.at(-1)).toEqual({ value: 199_999 });
  });
});

describe("between the items of a chunk", () => {
  test.each([
    ["compute", (ms: number, loop: Loop) => loop.pass(ms)],
    ["await", async (ms: number, loop: Loop) => loop.pass(ms)],
  ])("the loop turns after 5 ms of work and not before: items that %s", async (_, work) => {
    const loop = fakeLoop();
    const done: unknown[] = [];
    const all = runChunk(
      (ms) => {
        done.push(ms);
        return work(ms as number, loop);
      },
      [[2], [2.9], [0.2], [20], [1], [1]],
      loop,
      never,
    );
    await settled();
    expect([done, loop.turns.length]).toEqual([[2, 2.9, 0.2], 1]);
    await loop.turn();
    expect([done, loop.turns.length]).toEqual([[2, 2.9, 0.2, 20], 1]);
    await loop.turn();
    expect([done, loop.turns.length]).toEqual([[2, 2.9, 0.2, 20, 1, 1], 0]);
    expect((await all).list).toHaveLength(6);
  });

  test.each([0, 1, 3])("nothing more is begun once it is given up: after %d items", async (count) => {
    const loop = fakeLoop();
    let done = 0;
    const { list: outcomes } = await runChunk(
      () => ++done,
      [[], [], [], []],
      loop,
      () => done === count,
    );
    expect([done, outcomes.length]).toEqual([count, count]);
  });

  test("that it was given up is heard while the loop turns", async () => {
    const loop = fakeLoop();
    let [done, isGivenUp] = [0, false];
    const work = () => {
      loop.time += 6;
      return ++done;
    };
    const all = runChunk(work, [[], [], [], []], loop, () => isGivenUp);
    isGivenUp = true;
    await loop.turn();
    await all;
    expect(done).toBe(1);
  });
});
