import { describe, expect, test } from "vitest";
import { bigintOf, digitsOf } from "../../src/wire/bigints.ts";

const PROTOCOL = expect.objectContaining({ code: "ERR_PROTOCOL" });

describe("a bigint", () => {
  test.each([0, 1, 63, 64, 65, 128, 13_000, 13_600, 13_604, 14_000, 1_000_000])(
    "of %i bits arrives whole",
    (bits) => {
      for (const value of [
        2n ** BigInt(bits),
        2n ** BigInt(bits) - 1n,
        -(2n ** BigInt(bits)),
        1n - 2n ** BigInt(bits),
      ]) {
        expect(bigintOf(digitsOf(value))).toBe(value);
      }
    },
  );

  test("that is short is decimal, which other languages read", () => {
    expect([digitsOf(12n), digitsOf(-(10n ** 30n))]).toEqual(["12", `-1${"0".repeat(30)}`]);
    expect(digitsOf(10n ** 5_000n)).toMatch(/^0x[\da-f]+$/);
    expect(digitsOf(-(10n ** 5_000n))).toMatch(/^-0x[\da-f]+$/);
  });

  test.each([
    ["nothing", ""],
    ["a sign", "-"],
    ["a plus", "+1"],
    ["two signs", "--1"],
    ["a prefix", "0x"],
    ["octal", "0o7"],
    ["a large prefix", "0XF"],
    ["a fraction", "1.5"],
    ["spaces", " 1 "],
    ["4,097 digits", "1".repeat(4_097)],
    ["ten million digits", "1".repeat(10_000_000)],
    ["too many hexadecimal digits", `0x${"f".repeat(2 ** 24 + 1)}`],
    ["a number", 1.5],
    ["null", null],
    ["a list", ["1"]],
  ])("can't be %s", (_, digits) => {
    expect(() => bigintOf(digits)).toThrow(PROTOCOL);
  });
});
