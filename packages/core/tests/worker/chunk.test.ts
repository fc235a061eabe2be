import { describe, expect, test } from "vitest";
import { runChunk, sendable } from "../../src/worker/chunk.ts";

describe("a chunk", () => {
  test("runs its items one after another, each with its own arguments", async () => {
    const log: string[] = [];
    const outcomes = await runChunk(
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
    const outcomes = await runChunk(
      (how) => {
        if (how === "throw") throw "thrown";
        if (how === "reject") return Promise.reject("rejected");
        return how === "nothing" ? undefined : how;
      },
      [["a"], ["throw"], ["reject"], ["nothing"], ["b"]],
    );
    expect(outcomes).toEqual([
      { value: "a" },
      { error: "thrown" },
      { error: "rejected" },
      { value: undefined },
      { value: "b" },
    ]);
  });

  test("tells a result that can't be sent by its place", async () => {
    const outcomes = await runChunk((value) => value, [[{ deep: { f: () => {} } }], [1]]);
    expect(outcomes.map(sendable)).toEqual([
      { unsendable: { message: expect.stringContaining("result.deep.f"), path: "result.deep.f" } },
      { value: 1 },
    ]);
  });

  test("of nothing has no outcome", async () => {
    expect(await runChunk(() => expect.unreachable("no item"), [])).toEqual([]);
  });
});
