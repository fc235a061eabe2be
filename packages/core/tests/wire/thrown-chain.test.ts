import { expect, test } from "vitest";
import { encodeThrown } from "../../src/wire/value.ts";

/** A chain of as many errors, each the cause of the next, or all in one. */
const shapes: [what: string, make: (count: number) => Error][] = [
  [
    "causes",
    (count) => {
      let error = new Error("0");
      for (let i = 1; i < count; i++) error = new Error(String(i), { cause: error });
      return error;
    },
  ],
  [
    "errors of an AggregateError",
    (count) => new AggregateError(Array.from({ length: count }, () => new Error(""))),
  ],
];

test.each(shapes)("of 20,000 %s that a task threw, the first are sent", (_what, make) => {
  const { text } = encodeThrown(make(20_000));
  expect(text.match(/\["error",/g)?.length).toBe(1_000);
  expect(text).toContain("[not sent: an error beyond the first 1000]");
});

test.each(shapes)("of 90 %s each has its stack", (_what, make) => {
  const { text } = encodeThrown(make(90));
  expect(text.match(/"stack",/g)?.length).toBeGreaterThanOrEqual(90);
  expect(text).not.toContain("not sent");
});
