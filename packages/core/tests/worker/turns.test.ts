import { describe, expect, test } from "vitest";
import type { Source } from "../../src/flow/sender.ts";
import { withTurns } from "../../src/worker/turns.ts";
import { settled } from "../support/fake-clock.ts";

/** A source whose items take so long each, and a loop that turns when the test says so. */
function setUp(ms: number) {
  let time = 0;
  const turns: (() => void)[] = [];
  const asked: string[] = [];
  const source: Source = {
    next: () => {
      asked.push("next");
      time += ms;
      return { done: false, value: asked.length };
    },
    return: () => void asked.push("return"),
  };
  const paced = withTurns(source, { now: () => time, afterTurn: (callback) => void turns.push(callback) });
  return { paced, turns, asked };
}

describe("a source with turns", () => {
  test("is asked at once while its items are short", () => {
    const { paced, turns } = setUp(0.1);
    for (let i = 1; i <= 40; i++) expect(paced.next()).toEqual({ done: false, value: i });
    expect(turns).toEqual([]);
  });

  test.each([5, 100])("is asked again after a turn where an item has taken %d ms", async (ms) => {
    const { paced, turns, asked } = setUp(ms);
    expect(paced.next()).toEqual({ done: false, value: 1 });
    const second = paced.next();
    expect([asked.length, turns.length]).toEqual([1, 1]);
    turns[0]?.();
    expect(await second).toEqual({ done: false, value: 2 });
  });

  test("is not asked once it has been ended, also during the turn", async () => {
    const { paced, turns, asked } = setUp(5);
    paced.next();
    const second = paced.next();
    paced.return?.();
    turns[0]?.();
    expect(await second).toEqual({ done: true, value: undefined });
    await settled();
    expect(asked).toEqual(["next", "return"]);
  });
});
