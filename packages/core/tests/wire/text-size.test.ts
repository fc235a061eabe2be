import { expect, test } from "vitest";
import { textSize } from "../../src/wire/text-size.ts";

const long = "x".repeat(2 ** 16);

test.each<[what: string, value: unknown]>([
  ["a list", [long, long, long, long]],
  ["an object", { a: long, b: { c: [long, long], d: long } }],
  [
    "a Map",
    new Map([
      [long, [long]],
      ["b", [long, long]],
    ]),
  ],
  ["a Set", new Set([long, { long }, [long, long]])],
])("the size of %s is at least that of its texts", (_what, value) => {
  expect(textSize(value)).toBeGreaterThanOrEqual(4 * long.length);
});

test("a value that holds itself has an end", () => {
  const value: unknown[] = ["ab"];
  value.push(value);
  expect(textSize(value)).toBeLessThan(10);
});
