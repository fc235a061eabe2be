import { describe, expect, test } from "vitest";
import { outcomesOf } from "../../src/task/chunk-outcomes.ts";

const breach = { error: expect.objectContaining({ code: "ERR_PROTOCOL" }) };

describe("the answer to a chunk", () => {
  test("says of each item what became of it", () => {
    const unsendable = { message: "no", path: "result.f" };
    expect(outcomesOf([{ value: undefined }, { error: undefined }, { unsendable }], 3, "add")).toEqual([
      { value: undefined },
      { error: undefined },
      { error: expect.objectContaining({ code: "ERR_SERIALIZATION", path: "result.f" }) },
    ]);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a number", 2],
    ["a text as long", "ab"],
    ["an object that looks like a list", { length: 2, 0: { value: 1 }, 1: { value: 2 } }],
    ["no outcome", []],
    ["too few", [{ value: 1 }]],
    ["too many", [{ value: 1 }, { value: 2 }, { value: 3 }]],
  ])("that is %s is a breach for every item", (_, answer) => {
    expect(outcomesOf(answer, 2, "add")).toEqual([breach, breach]);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "value"],
    ["a list", []],
    ["an object that says nothing", {}],
    ["null for what can't be sent", { unsendable: null }],
  ])("that has %s for one item is a breach for that one alone", (_, outcome) => {
    expect(outcomesOf([{ value: 1 }, outcome, { error: "mine" }], 3, "add")).toEqual([
      { value: 1 },
      breach,
      { error: "mine" },
    ]);
  });

  test("names what came", () => {
    const message = (answer: unknown) => {
      const [outcome] = outcomesOf(answer, 1, "add");
      return outcome !== undefined && "error" in outcome && (outcome.error as Error).message;
    };
    expect(message([1, 2])).toContain("received a list of 2");
    expect(message(null)).toContain("received null");
    expect(message([null])).toContain("received null");
  });
});
