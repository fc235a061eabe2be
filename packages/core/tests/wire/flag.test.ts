import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { readFlag } from "../../src/wire/flag.ts";

describe("a flag", () => {
  const flag = (text: string) => readFlag(new TextEncoder().encode(text), "Hearing");

  test("says yes or no", () => {
    expect([flag("1"), flag("0")]).toEqual([true, false]);
  });

  test.each(["", "2", "true", "11", "\u0000"])("of %j is a ProtocolError", (text) => {
    expect(() => flag(text)).toThrow(ProtocolError);
  });
});
