import { describe, expect, test } from "vitest";
import { OptionReader } from "../../src/options/option-reader.ts";
import { MAX_TIMER_MS } from "../../src/port/runtime.ts";

const read = (input: unknown, prefix = "group."): OptionReader =>
  new OptionReader(prefix, input, ["a", "list"]);

describe("an option reader", () => {
  test("reads no options from undefined and from an empty object", () => {
    for (const input of [undefined, {}]) {
      expect(read(input).integer("a", 1, 7)).toBe(7);
      expect(read(input).get("a")).toBeUndefined();
      expect([
        read(input).path("a"),
        read(input).strings("list"),
        read(input).signal("a"),
        read(input).text("a"),
        read(input).callback("a"),
        read(input).optionalInteger("a", 0, 5),
      ]).toEqual(Array(6).fill(undefined));
      expect(read(input).boolean("a", true)).toBe(true);
      expect(read(input).environment("a")).toEqual({});
      expect(read(input).oneOf("a", ["first", "second"])).toBe("first");
    }
  });

  test("names the group it reads, and the whole where there is none", () => {
    expect(() => read(5)).toThrow("Expected `group` to be an object, received 5 (number)");
    expect(() => read(5, "")).toThrow("Expected `options` to be an object, received 5 (number)");
    expect(() => read({ b: 1 })).toThrow("Unknown option `group.b`: expected one of a, list");
    expect(() => read({ a: "x" }).integer("a", 0, 0)).toThrow("Expected `group.a` to be an integer");
  });

  test.each([
    ["an integer at its minimum", () => read({ a: 2 }).integer("a", 2, 5), 2],
    [
      "a count without a bound",
      () => read({ a: Number.POSITIVE_INFINITY }).count("a", 5),
      Number.POSITIVE_INFINITY,
    ],
    ["a number at its minimum", () => read({ a: 0 }).number("a", 0, 1, 5), 0],
    ["a number at its maximum", () => read({ a: 1 }).number("a", 0, 1, 5), 1],
    ["the longest duration", () => read({ a: MAX_TIMER_MS }).duration("a", 5), MAX_TIMER_MS],
    [
      "a duration without an end",
      () => read({ a: Number.POSITIVE_INFINITY }).duration("a", 5),
      Number.POSITIVE_INFINITY,
    ],
    ["a word that is the last", () => read({ a: "third" }).oneOf("a", ["first", "second", "third"]), "third"],
    [
      "the default for a word not given",
      () => read({ a: undefined }).oneOf("a", ["first", "second"]),
      "first",
    ],
    ["an integer at its maximum", () => read({ a: 5 }).optionalInteger("a", -5, 5), 5],
    ["an integer below zero", () => read({ a: -5 }).optionalInteger("a", -5, 5), -5],
    ["false where true is the default", () => read({ a: false }).boolean("a", true), false],
    ["a text that is empty", () => read({ a: "" }).text("a"), ""],
    ["a value of any kind", () => read({ a: null }).get("a"), null],
  ])("accepts %s", (_, value, expected) => {
    expect(value()).toBe(expected);
  });

  test("takes no value of an object's prototype for an option's name", () => {
    expect(() => read(Object.create({ unknown: 1 }))).not.toThrow();
    expect(() => read({ toString: 1 })).toThrow("Unknown option `group.toString`");
  });

  test("copies lists and environments, frozen", () => {
    const list = ["a"];
    const copy = read({ list }).strings("list");
    expect(copy).toEqual(list);
    expect(copy).not.toBe(list);
    expect(Object.isFrozen(copy)).toBe(true);
    const environment = read({ a: { PATH: "x", HOME: undefined } }).environment("a");
    expect(environment).toEqual({ PATH: "x", HOME: undefined });
    expect(Object.isFrozen(environment)).toBe(true);
  });

  test("accepts a launcher or a signal by what it can do, so that one of another copy or realm is none the less one", () => {
    const launcher = { name: "mine", command: () => ({ file: "mine", args: [] }) };
    expect(read({ a: launcher }).launcher("a", launcher)).toBe(launcher);
    const { signal } = new AbortController();
    expect(read({ a: signal }).signal("a")).toBe(signal);
  });

  test.each<[string, unknown, string]>([
    ["null", null, "null"],
    ["a text", "text", '"text"'],
    ["a long text, cut", "x".repeat(200), `"${"x".repeat(80)}…"`],
    ["a text with quotes", 'say "a"', '"say \\"a\\""'],
    ["an array", [1], "an array"],
    ["an object", { a: 1 }, "an object"],
    ["a function", () => {}, "a function"],
    ["a number", 5, "5 (number)"],
    ["a bigint", 5n, "5 (bigint)"],
    ["a boolean", true, "true (boolean)"],
    ["a symbol", Symbol("a"), "Symbol(a) (symbol)"],
  ])("shows %s in its sentence", (_, value, shown) => {
    const wrong = () => read({ a: value }).signal("a");
    expect(wrong).toThrow(new TypeError(`Expected \`group.a\` to be an AbortSignal, received ${shown}`));
  });

  test.each<[readonly string[], unknown, string]>([
    [["first", "second"], "First", '"first" or "second", received "First"'],
    [["first", "second", "third"], null, '"first", "second" or "third", received null'],
    [["only"], "first", '"only", received "first"'],
    [["first", "second"], ["first"], '"first" or "second", received an array'],
    [["first", "second"], 0, '"first" or "second", received 0 (number)'],
  ])("names the words of which one is expected: %j", (words, value, sentence) => {
    const wrong = () => read({ a: value }).oneOf("a", words);
    expect(wrong).toThrow(new TypeError(`Expected \`group.a\` to be ${sentence}`));
  });

  test("takes a function as it is", () => {
    const callback = () => {};
    expect(read({ a: callback }).callback("a")).toBe(callback);
  });

  test.each<[string, () => unknown, string]>([
    ["a text", () => read({ a: 5 }).text("a"), "a string, received 5 (number)"],
    ["a function", () => read({ a: "f" }).callback("a"), 'a function, received "f"'],
    ["true or false", () => read({ a: null }).boolean("a", true), "true or false, received null"],
    [
      "an integer within bounds",
      () => read({ a: 6 }).optionalInteger("a", -5, 5),
      "an integer from -5 to 5, received 6",
    ],
    [
      "a whole integer",
      () => read({ a: 0.5 }).optionalInteger("a", Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      "an integer, received 0.5",
    ],
    ["a count", () => read({ a: -1 }).count("a", 0), "an integer of at least 0, or Infinity, received -1"],
    [
      "a count, or a word",
      () => read({ a: "much" }).count("a", 0, '"auto"'),
      'an integer of at least 0, "auto", or Infinity, received "much"',
    ],
  ])("names what it expected: %s", (_, wrong, sentence) => {
    expect(wrong).toThrow(`Expected \`group.a\` to be ${sentence}`);
  });

  test("tells a value of the wrong type from one that is out of range", () => {
    expect(() => read({ a: "5" }).integer("a", 1, 5)).toThrow(TypeError);
    expect(() => read({ a: 0 }).integer("a", 1, 5)).toThrow(RangeError);
  });
});

describe("whose options they are", () => {
  test("what an object inherits is none: neither of a class nor of other options", () => {
    class Given {
      own = 1;
      get inherited() {
        return 2;
      }
    }
    const [own, inherited] = ["own", "inherited"].map((name) =>
      new OptionReader("", new Given(), ["own", "inherited"]).get(name),
    );
    expect([own, inherited]).toEqual([1, undefined]);
    const derived = new OptionReader("", Object.create({ own: 1 }), ["own"]);
    expect([derived.get("own"), derived.integer("own", 1, 7)]).toEqual([undefined, 7]);
  });

  test("a getter of its own is called once, however often the option is read", () => {
    let calls = 0;
    const reader = new OptionReader("", { get size() { return ++calls; } }, ["size"]); // biome-ignore format: short
    expect([reader.get("size"), reader.count("size", 0), reader.pick(["size"]), calls]).toEqual([
      1,
      1,
      { size: 1 },
      1,
    ]);
  });

  test("one that is not enumerable counts, an unknown one of that kind is nobody's mistake", () => {
    const input = Object.defineProperties({}, { size: { value: 3 }, __ob__: { value: {} } });
    expect(new OptionReader("", input, ["size"]).get("size")).toBe(3);
  });

  test("a hole in a list is not filled from its prototype", () => {
    const holed = ["a", "b"];
    delete holed[0];
    Object.setPrototypeOf(holed, Object.assign(Object.create(Array.prototype), { 0: "inherited" }));
    expect(() => new OptionReader("", { list: holed }, ["list"]).strings("list")).toThrow(TypeError);
  });

  test("variables are its own, and have no prototype to fill them", () => {
    const env = Object.assign(Object.create({ A: "inherited" }), { B: "own" });
    const variables = new OptionReader("", { env }, ["env"]).environment("env");
    expect([variables.A, variables.B, Object.getPrototypeOf(variables)]).toEqual([undefined, "own", null]);
  });
});
