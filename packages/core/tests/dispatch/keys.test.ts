import { describe, expect, test } from "vitest";
import { Keys } from "../../src/dispatch/keys.ts";

const [ann, bob] = [{ name: "ann" }, { name: "bob" }];

function bound(...pairs: [key: string, worker: object][]): Keys<object> {
  const keys = new Keys<object>();
  for (const [key, worker] of pairs) keys.bind(key, worker, 0);
  return keys;
}

describe("a key", () => {
  test("belongs to the worker that ran its first task, with tasks waiting or without", () => {
    const keys = bound(["a", ann], ["b", bob], ["c", ann]);
    keys.onAdded("a");
    keys.onRemoved("a");
    expect([keys.workerOf("a"), keys.workerOf("b"), keys.workerOf("d")]).toEqual([ann, bob, undefined]);
    expect([keys.countOf(ann), keys.countOf(bob)]).toEqual([2, 1]);
  });

  test("of a worker that retires belongs to none; those of others stay", () => {
    const keys = bound(["a", ann], ["b", bob], ["c", ann]);
    keys.onAdded("c");
    keys.release(ann);
    expect([keys.workerOf("a"), keys.workerOf("c"), keys.countOf(ann)]).toEqual([undefined, undefined, 0]);
    expect([keys.workerOf("b"), keys.countOf(bob)]).toEqual([bob, 1]);
  });

  test("that was used least recently is forgotten beyond ten thousand; one with a waiting task is not", () => {
    const keys = bound(["waiting", ann], ["old", ann]);
    keys.onAdded("waiting");
    for (let i = 0; i < 10_000; i++) keys.bind(`key ${i}`, bob, 0);
    expect([keys.workerOf("old"), keys.workerOf("waiting")]).toEqual([undefined, ann]);
    expect([keys.countOf(ann), keys.countOf(bob)]).toEqual([1, 10_000]);
  });
});
