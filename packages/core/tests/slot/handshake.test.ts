import { describe, expect, test } from "vitest";
import { ProtocolError } from "../../src/errors.ts";
import { helloError, parseReady } from "../../src/slot/handshake.ts";
import { HELLO } from "../support/heard.ts";

const ready = (of: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(of));
const odd = { toString: 1, valueOf: 1 };

describe("a Hello", () => {
  test("of this version, in either codec, is good", () => {
    expect(helloError(HELLO)).toBeUndefined();
    expect(helloError({ ...HELLO, codec: "json", runtime: odd as never })).toBeUndefined();
  });

  test.each([undefined, null, "4", 3, 99, Number.NaN, [], odd])(
    "of version %j is a ProtocolError",
    (version) => {
      const error = helloError({ ...HELLO, version: version as number });
      expect(error).toBeInstanceOf(ProtocolError);
      expect(error?.message).toMatch(/test 1/);
    },
  );

  test("of another version need not say of which runtime it is", () => {
    for (const runtime of [undefined, null, 7, odd, "x".repeat(4_000)]) {
      const error = helloError({ ...HELLO, version: 99, runtime: runtime as string });
      expect(error?.message).toMatch(/version 99/);
      expect(error?.message.length).toBeLessThan(1_500);
    }
  });

  test.each([undefined, null, "", "JSON", "msgpack", 1, odd])(
    "with the codec %j is a ProtocolError",
    (codec) => {
      expect(helloError({ ...HELLO, codec: codec as never })).toBeInstanceOf(ProtocolError);
    },
  );
});

describe("a Ready", () => {
  test("lists the names of the exports", () => {
    const many = Array.from({ length: 65_535 }, (_, i) => `name${i}`);
    for (const exports of [[], ["a", "__proto__", ""], ["x".repeat(1_024)], many]) {
      expect(parseReady(ready({ exports }))).toEqual(exports);
    }
  });

  test.each<[string, unknown]>([
    ["null", null],
    ["a text", "exports"],
    ["a list", ["a"]],
    ["nothing", {}],
    ["null for a list", { exports: null }],
    ["a text for a list", { exports: "abc" }],
    ["what only looks like a list", { exports: { length: 1, 0: "a" } }],
    ["a number for a name", { exports: ["a", 1] }],
    ["null for a name", { exports: [null] }],
    ["an object for a name", { exports: [odd] }],
    ["a name twice", { exports: ["a", "b", "a"] }],
    ["a name that is too long", { exports: ["x".repeat(1_025)] }],
    ["too many names", { exports: Array.from({ length: 65_536 }, (_, i) => `name${i}`) }],
  ])("with %s is a ProtocolError", (_, of) => {
    expect(() => parseReady(ready(of))).toThrow(ProtocolError);
  });

  test.each<[string, readonly number[]]>([
    ["nothing in it", []],
    ["half a text", [0x7b]],
    ["what is not UTF-8", [0x22, 0xff, 0x22]],
  ])("with %s is a ProtocolError", (_, bytes) => {
    expect(() => parseReady(Uint8Array.from(bytes))).toThrow(ProtocolError);
  });
});
