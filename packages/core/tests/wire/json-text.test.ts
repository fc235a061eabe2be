/** Our own objects as JSON, with and without a `toJSON` that all inherit. */
import { afterEach, expect, test } from "vitest";
import { jsonText } from "../../src/wire/json-text.ts";

const VALUES = [
  null,
  'te"xt\u2028',
  1.5,
  true,
  [],
  {},
  [null, Number.NaN, ["number", "-0"], ["a", 1, [2]]],
  { version: 4, exports: ["add", "größe"], nested: { "odd key": false } },
];
const expected = VALUES.map((value) => JSON.stringify(value));

afterEach(() => {
  for (const { prototype } of [Object, Array]) Reflect.deleteProperty(prototype, "toJSON");
});

test.each([undefined, Object, Array])("with a toJSON of every %s", (polluted) => {
  if (polluted !== undefined) {
    Object.defineProperty(polluted.prototype, "toJSON", { value: () => "wrong", configurable: true });
  }
  expect(VALUES.map(jsonText)).toEqual(expected);
});
