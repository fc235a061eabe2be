import { describe, expect, test } from "vitest";
import { SerializationError } from "../../src/errors.ts";
import { encode } from "../../src/wire/value.ts";
import { difference } from "../support/sameness.ts";
import { transfer, transferThrown } from "../support/transfer.ts";

const resizable = (maxByteLength: number): ArrayBuffer =>
  new (ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer)(2, { maxByteLength });

describe("resizable buffers", () => {
  test("that reserve much, but not too much, arrive whole", () => {
    const original = [resizable(2 ** 32), ...Array.from({ length: 1_000 }, () => resizable(1_000))];
    expect(difference(transfer(original), original)).toBeUndefined();
  });

  test.each([
    ["of which two reserve too much", () => [resizable(2 ** 32), resizable(2 ** 32)], "value[1]"],
    ["of which there are too many", () => Array.from({ length: 8_192 }, () => resizable(2)), "value[8191]"],
  ])("%s are refused, and the place is named", (_, make, path) => {
    expect(() => encode(make(), "value")).toThrow(SerializationError);
    expect(() => encode(make(), "value")).toThrow(expect.objectContaining({ path }));
  });

  test("that reserve too much are a text in an error, and so are the views on them", () => {
    const [small, large] = [resizable(2 ** 32), resizable(2 ** 32)];
    const thrown = Object.assign(new RangeError("a"), { own: [small, large, new Uint8Array(large)] });
    const { own, message } = transferThrown(thrown) as typeof thrown;
    const text = "[resizable ArrayBuffers of more than 8 GiB together that can't cross processes]";
    expect([message, own[0]?.byteLength, own[1], own[2]]).toEqual(["a", 2, text, text]);
  });
});

describe("regular expressions", () => {
  const classes = (count: number) => new RegExp("\\p{L}".repeat(count), "u");

  test("of as much as may be arrive whole, and many small ones", () => {
    const original = [classes(450), ...Array.from({ length: 100 }, (_, i) => new RegExp(`a${i}`, "g"))];
    expect(difference(transfer(original), original)).toBeUndefined();
  });

  test.each([
    ["a long one", () => [new RegExp("a|".repeat(40_000))], "value[0]"],
    ["one of many classes", () => [/a/, classes(600)], "value[1]"],
    ["some that add up", () => Array.from({ length: 10 }, () => classes(60)), "value[8]"],
  ])("%s are refused, and the place is named", (_, make, path) => {
    expect(() => encode(make(), "value")).toThrow(SerializationError);
    expect(() => encode(make(), "value")).toThrow(expect.objectContaining({ path }));
  });

  test("that are too much are a text in an error", () => {
    const { pattern } = transferThrown(Object.assign(new Error("a"), { pattern: classes(600) })) as {
      pattern?: unknown;
    } & Error;
    expect(pattern).toBe(
      "[regular expressions of more than 64 Ki characters together that can't cross processes]",
    );
  });
});
