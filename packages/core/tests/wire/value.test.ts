import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProtocolError, SerializationError } from "../../src/errors.ts";
import { decode, encode, encodeThrown, isJson } from "../../src/wire/value.ts";
import { anyValue } from "../support/arbitraries.ts";
import { many, runs } from "../support/effort.ts";
import { difference } from "../support/sameness.ts";
import { SAMPLES } from "../support/samples.ts";
import {
  GRAPH_KIND,
  JSON_KIND,
  payloadFrom,
  payloadOf,
  transfer,
  transferThrown,
} from "../support/transfer.ts";

describe("fidelity", () => {
  const places: Record<string, (value: unknown) => unknown> = {
    alone: (value) => value,
    "in an array": (value) => [value],
    "in an object": (value) => ({ a: { b: value } }),
    "in a map": (value) => new Map([["key", value]]),
    "in a set": (value) => new Set([value]),
    "as a cause": (value) => new Error("a", { cause: value }),
    "in an error": (value) => Object.assign(new Error("a"), { own: value }),
  };

  test.each(SAMPLES)("$title arrives as it was sent, wherever it stands", ({ make }) => {
    for (const [place, put] of Object.entries(places)) {
      const original = put(make());
      expect(difference(transfer(original), original), place).toBeUndefined();
      expect(difference(transfer(transfer(original)), original), `${place}, sent on`).toBeUndefined();
      expect(difference(transferThrown(original), original), `${place}, thrown`).toBeUndefined();
    }
  });

  test("any value arrives as it was sent", () => {
    fc.assert(
      fc.property(anyValue, (original) => {
        expect(difference(transfer(original), original)).toBeUndefined();
      }),
      { numRuns: runs(500) },
    );
  });

  test("any value arrives as structured clone would give it", () => {
    fc.assert(
      fc.property(anyValue, (original) => {
        expect(difference(transfer(original), structuredClone(original))).toBeUndefined();
      }),
      { numRuns: runs(500) },
    );
  });

  test.each([
    ["arrays", (inner: unknown) => [inner]],
    ["objects", (inner: unknown) => ({ inner })],
    ["maps", (inner: unknown) => new Map([[1, inner]])],
    ["causes", (inner: unknown) => withoutTrace(() => new Error("a", { cause: inner }))],
  ])("%s nested 50,000 deep arrive whole", (_, wrap) => {
    const deep = many(50_000);
    let original: unknown = "core";
    for (let depth = 0; depth < deep; depth++) original = wrap(original);
    let received = transfer(original);
    let depth = 0;
    for (; typeof received === "object"; depth++) {
      received =
        received instanceof Map
          ? received.get(1)
          : received instanceof Error
            ? received.cause
            : Object.values(received as object)[0];
    }
    expect({ depth, received }).toEqual({ depth: deep, received: "core" });
  });

  test("a large array and a large text arrive whole", () => {
    const original = {
      list: Array.from({ length: many(200_000) }, (_, i) => i),
      text: "€".repeat(many(500_000)),
      zero: -0,
    };
    expect(difference(transfer(original), original)).toBeUndefined();
  });
});

/** Traces of 50,000 errors, each mapped to its source, would be all a test spends its time on. */
function withoutTrace<T>(make: () => T): T {
  const limits = Error as { stackTraceLimit?: number | undefined };
  const before = limits.stackTraceLimit;
  limits.stackTraceLimit = 0;
  const made = make();
  limits.stackTraceLimit = before;
  return made;
}

describe("the encoded value", () => {
  const PAIR = Uint8Array.of(1, 2);

  test.each([
    ["undefined", undefined, 0],
    ["a plain value", { a: [1, "2", null] }, JSON_KIND],
    ["what JSON would change", { a: -0 }, GRAPH_KIND],
  ])("of %s takes the cheapest kind that loses nothing", (_, value, kind) => {
    expect(encode(value, "value")).toMatchObject({ kind, attachments: undefined });
    expect(payloadOf(encode(value, "value"))[0]).toBe(kind);
  });

  test("tells whether a worker that reads only JSON can take it", () => {
    expect([{ a: 1 }, undefined, { a: undefined }].map((value) => isJson(encode(value, "value")))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("is a snapshot: what changes afterwards does not travel", () => {
    const original = { list: [1], bytes: Uint8Array.of(1, 2), map: new Map([["a", 1]]) };
    const encoded = encode(original, "value");
    original.list.push(2);
    original.bytes.fill(9);
    original.map.clear();
    const received = decode(payloadOf(encoded));
    const expected = { list: [1], bytes: Uint8Array.of(1, 2), map: new Map([["a", 1]]) };
    expect(difference(received, expected)).toBeUndefined();
  });

  test("leaves the value as it was", () => {
    for (const { make, title } of SAMPLES) {
      const [original, untouched] = [make(), make()];
      encode(original, "value");
      encodeThrown(original);
      expect(Reflect.ownKeys(Object(original)).map(String), title).toEqual(
        Reflect.ownKeys(Object(untouched)).map(String),
      );
    }
  });

  test.each([
    ["a Uint8Array", "Uint8Array"],
    ["a Buffer, whose `slice` is no copy", "Buffer"],
  ])("keeps nothing of the bytes it was read from: %s", (_, name) => {
    const original = {
      bytes: Uint8Array.of(1, 2, 3),
      buffer: Uint8Array.of(4).buffer,
      shared: [PAIR, new Uint16Array(PAIR.buffer)],
      text: "text",
      zero: -0,
    };
    const Bytes = (globalThis as never as Record<string, Uint8ArrayConstructor>)[name] ?? Uint8Array;
    const payload = Bytes.from(payloadOf(encode(original, "value")));
    const received = decode(payload);
    payload.fill(0xff);
    expect(difference(received, original)).toBeUndefined();
  });
});

describe("encoding what was thrown", () => {
  test.each([
    ["a function", () => () => {}, "[a function that can't cross processes]"],
    ["a named function", () => function work() {}, "[a function, work that can't cross processes]"],
    ["a symbol", () => Symbol("a"), "[a symbol, Symbol(a) that can't cross processes]"],
    ["a promise", () => Promise.resolve(), "[a Promise that can't cross processes]"],
    ["a weak map", () => new WeakMap(), "[a WeakMap that can't cross processes]"],
  ])("sends a text in place of %s", (_, make, text) => {
    expect(transferThrown(make())).toBe(text);
    const error = transferThrown(Object.assign(new RangeError("a"), { own: make() }));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: "a", own: text });
  });

  test.each([
    [
      "a getter that throws",
      () => Object.defineProperty(new Error("a"), "own", { get: boom, enumerable: true }),
    ],
    ["a message that throws", () => Object.defineProperty(new Error("a"), "message", { get: boom })],
    ["a stack that throws", () => Object.defineProperty(new Error("a"), "stack", { get: boom })],
    ["a proxy whose traps throw", () => new Proxy({}, { ownKeys: boom, getPrototypeOf: boom, get: boom })],
    ["a revoked proxy", () => revoked()],
    [
      "an error whose getter throws an error whose message throws",
      () =>
        Object.defineProperty(new Error("a"), "own", {
          enumerable: true,
          get: () => {
            throw Object.defineProperty(new Error("b"), "message", { get: boom });
          },
        }),
    ],
    [
      "an error whose getter throws an error whose message is a symbol",
      () =>
        Object.defineProperty(new Error("a"), "own", {
          enumerable: true,
          get: () => {
            throw Object.defineProperty(new Error("b"), "message", { value: Symbol("c") });
          },
        }),
    ],
    ["a view of a detached buffer", () => Object.assign(new Error("a"), { own: detachedView() })],
    ["a detached buffer", () => Object.assign(new Error("a"), { own: detachedView().buffer })],
  ])("never fails: %s arrives as an error", (_, make) => {
    expect(transferThrown(make())).toBeInstanceOf(Error);
  });

  test("keeps the error around a detached view", () => {
    const received = transferThrown(Object.assign(new RangeError("a"), { own: detachedView() }));
    expect(received).toBeInstanceOf(RangeError);
    expect(received).toMatchObject({ message: "a" });
  });

  function boom(): never {
    throw new Error("boom");
  }

  function revoked(): object {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  }

  function detachedView(): Uint8Array {
    const view = new Uint8Array(8);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    return view;
  }
});

describe("decoding bytes that no encoder wrote", () => {
  /** The value, or the error that is documented; anything else that is thrown fails the test. */
  function attempt(payload: Uint8Array): unknown {
    try {
      return decode(payload);
    } catch (error) {
      expect(error instanceof ProtocolError || error instanceof SerializationError).toBe(true);
      return error;
    }
  }

  test("gives a value or throws what is documented, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void attempt(bytes)),
      { numRuns: runs(1_000) },
    );
  });

  test("gives a value or throws what is documented, for any JSON as a table", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), fc.uint8Array({ maxLength: 16 }), (json, bytes) => {
        attempt(payloadFrom(GRAPH_KIND, json, bytes));
        attempt(payloadFrom(JSON_KIND, json, bytes));
      }),
      { numRuns: runs(1_000) },
    );
  });

  test("gives a value or throws what is documented, for a whole message with some bytes changed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SAMPLES),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        ({ make }, changes) => {
          const payload = payloadOf(encode([make(), -0], "value")).slice();
          for (const [at, byte] of changes) payload[at % payload.length] = byte;
          attempt(payload);
        },
      ),
      { numRuns: runs(1_000) },
    );
  });

  test.each([
    ["no bytes at all", new Uint8Array(0)],
    ["a header that is cut off", Uint8Array.of(JSON_KIND, 0, 0)],
    ["a text that is cut off", Uint8Array.of(JSON_KIND, 0, 0, 0, 9, 0x5b)],
    ["a text that is not UTF-8", Uint8Array.of(JSON_KIND, 0, 0, 0, 3, 0x22, 0xff, 0x22)],
    ["a text that is not JSON", payloadFrom(JSON_KIND, "{")],
    ["a text that is not JSON in a graph", payloadFrom(GRAPH_KIND, "{")],
    ["a kind alone", Uint8Array.of(JSON_KIND)],
    ["undefined without a length", Uint8Array.of(0)],
    ["undefined with a text", payloadFrom(0, "1")],
    ["a text that goes on behind its end", Uint8Array.of(JSON_KIND, 0, 0, 0, 1, 0x31, 0x32)],
    ["bytes behind JSON", payloadFrom(JSON_KIND, "1", Uint8Array.of(0))],
    ["bytes behind undefined", payloadFrom(0, "", Uint8Array.of(0))],
    ["a length of 4 GiB", Uint8Array.of(JSON_KIND, 255, 255, 255, 255, 0x31)],
  ])("refuses %s", (_, payload) => {
    expect(() => decode(payload)).toThrow(ProtocolError);
  });

  test("refuses buffers of a value that has none, which came by themselves", () => {
    expect(() => decode(payloadFrom(JSON_KIND, "1"), 0, [Uint8Array.of(1)])).toThrow(ProtocolError);
    expect(() => decode(payloadFrom(0, ""), 0, [Uint8Array.of(1)])).toThrow(ProtocolError);
  });

  test("names what the runtime said of them as the cause", () => {
    expect(() => decode(payloadFrom(JSON_KIND, "{"))).toThrow(
      expect.objectContaining({ code: "ERR_PROTOCOL", cause: expect.any(SyntaxError) }),
    );
  });

  test("refuses a text that is shorter than its header claims, even where the rest is a value", () => {
    expect(() => decode(Uint8Array.of(JSON_KIND, 0, 0, 0, 9, 0x31))).toThrow(ProtocolError);
  });

  test("refuses a kind that does not exist", () => {
    expect(() => decode(payloadFrom(7, "[1]"))).toThrow(ProtocolError);
  });

  test("still gives what an encoder wrote", () => {
    // A negative control: the properties above would also hold for a decoder that only throws.
    const original = SAMPLES.map(({ make }) => make());
    expect(difference(attempt(payloadOf(encode(original, "value"))), original)).toBeUndefined();
    expect(attempt(payloadFrom(GRAPH_KIND, "{}"))).toBeInstanceOf(ProtocolError);
  });
});

describe("a value that can't be read", () => {
  test("is a SerializationError with what was thrown as its cause", () => {
    const cause = new Error("boom");
    const value = {
      get a() {
        throw cause;
      },
    };
    expect(() => encode(value, "args")).toThrow(SerializationError);
    expect(() => encode(value, "args")).toThrow(expect.objectContaining({ path: "args", cause }));
  });
});
