import { describe, expect, test } from "vitest";
import { checkDepth, MAX_DEPTH } from "../../src/wire/depth.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const check = (text: string) => {
  const bytes = bytesOf(text);
  return () => checkDepth(bytes, 0, bytes.length);
};
const PROTOCOL = expect.objectContaining({ code: "ERR_PROTOCOL" });

describe("a text that nests", () => {
  test.each([
    ["[", "]"],
    ['{"a":', "}"],
    ['[{"a":', "}]"],
  ])("%s is refused beyond the limit, whether it ends or not", (open, close) => {
    const levels = open.startsWith("[{") ? 2 : 1;
    const count = Math.ceil((MAX_DEPTH + 1) / levels);
    expect(check(`${open.repeat(count)}1${close.repeat(count)}`)).toThrow(PROTOCOL);
    expect(check(open.repeat(count))).toThrow(PROTOCOL);
    const fits = Math.floor(MAX_DEPTH / levels);
    expect(check(`${open.repeat(fits)}1${close.repeat(fits)}`)).not.toThrow();
  });

  test("side by side is not deep", () => {
    expect(check(`[${"[1],{},".repeat(MAX_DEPTH)}1]`)).not.toThrow();
  });

  test.each([
    ["in a text", JSON.stringify("[".repeat(2 * MAX_DEPTH))],
    ["behind a quote in a text", JSON.stringify(`"${"[".repeat(2 * MAX_DEPTH)}`)],
    ["behind backslashes in a text", JSON.stringify(`\\\\"${"{".repeat(2 * MAX_DEPTH)}\\`)],
    [
      "behind a long text with quotes",
      JSON.stringify(["x".repeat(100) + '"\\"'.repeat(100), "[".repeat(2 * MAX_DEPTH)]),
    ],
  ])("%s is none", (_, text) => {
    expect(JSON.parse(text)).toBeDefined();
    expect(check(text)).not.toThrow();
  });

  test.each([
    "a",
    "\\",
    '"',
    'x"',
    '\\"',
    "\\\\",
    "x".repeat(31),
    "x".repeat(32),
    "x".repeat(33),
    `${"x".repeat(40)}\\`,
  ])("is found behind the text %j", (before) => {
    const text = `[${JSON.stringify(before)},${"[".repeat(MAX_DEPTH)}`;
    expect(check(text)).toThrow(PROTOCOL);
  });

  test.each([0, 1, 2, 3])("is found at each place of four bytes: %i", (place) => {
    const bytes = bytesOf(`${" ".repeat(place)}${"[".repeat(MAX_DEPTH)}`);
    expect(() => checkDepth(bytes, place, bytes.length)).not.toThrow();
    const deeper = bytesOf(`${" ".repeat(place)}${'{"a":['.repeat(MAX_DEPTH / 2)}[`);
    expect(() => checkDepth(deeper, place, deeper.length)).toThrow(PROTOCOL);
  });

  test("counts nothing outside its place", () => {
    const bytes = bytesOf(`${"[".repeat(MAX_DEPTH)}${"[1]".repeat(MAX_DEPTH)}`);
    expect(() => checkDepth(bytes, MAX_DEPTH, bytes.length)).not.toThrow();
  });
});
