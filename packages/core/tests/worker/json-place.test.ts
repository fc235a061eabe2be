import { describe, expect, test } from "vitest";
import { faultIn, jsonPlace } from "../../src/worker/json-place.ts";

const VALID = [
  "1",
  ' {"a": [1, {"b": null}, []], "c": "\\u00e9\\n"} ',
  "[]",
  "\ufeff{}",
  "-1.5e+3",
  '"x"',
  "[[],{}]\n",
];

const INVALID: readonly [string, number][] = [
  ["", 0],
  ["{", 1],
  ["[1,]", 3],
  ['{"a": }', 6],
  ['{"a": 1,}', 8],
  ['{"a" 1}', 5],
  ["{a: 1}", 1],
  ["[1 2]", 3],
  ["01", 1],
  ['"a\nb"', 0],
  ["{} x", 3],
  ["[}", 1],
  ["nul", 0],
  ["{'a': 1}", 1],
];

describe("a JSON text", () => {
  test.each(VALID)("that is one: %j", (text) => {
    JSON.parse(text.replace("\ufeff", ""));
    expect(faultIn(text)).toBeUndefined();
  });

  test.each(INVALID)("that is none: %j stops at %i", (text, at) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(faultIn(text)).toBe(at);
  });
});

describe("the file that an error is about", () => {
  const files: Record<string, string> = {
    "file:///a.mjs": 'import x from "./good.json"; import "./b.mjs"; import "./none.mjs";',
    "file:///b.mjs": 'import "./a.mjs"; const y = require("../bad.json");',
    "file:///good.json": "{}",
    "file:///bad.json": '{\n  "a": 1\n  "b": 2\n}',
  };
  const read = (url: string) => {
    const text = files[url];
    if (text === undefined) throw new Error("none");
    return text;
  };
  const failure = new SyntaxError("JSON Parse error: Unexpected token");
  failure.stack = "";

  test("is found among what the modules import", () => {
    expect(jsonPlace(failure, "file:///a.mjs", read)).toEqual({
      file: "file:///bad.json",
      line: 3,
      column: 3,
    });
    expect(jsonPlace(failure, "file:///good.json", read)).toBeUndefined();
  });

  test("is not looked for where the module itself has parsed", () => {
    let own: unknown;
    try {
      JSON.parse("{");
    } catch (error) {
      own = error;
    }
    expect(jsonPlace(own, "file:///a.mjs", read)).toBeUndefined();
    expect(jsonPlace(new TypeError("JSON"), "file:///a.mjs", read)).toBeUndefined();
  });
});
