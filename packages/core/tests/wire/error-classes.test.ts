import { afterEach, describe, expect, test } from "vitest";
import { decode, encode } from "../../src/wire/value.ts";
import { GRAPH_KIND, payloadFrom, payloadOf } from "../support/transfer.ts";

const decodeTable = (table: unknown): unknown => decode(payloadFrom(GRAPH_KIND, JSON.stringify(table)));
const tableOf = (value: unknown): unknown => JSON.parse(encode(value, "value").text);

/** What a runtime would have that lacks this global. */
const taken = new Map<string, PropertyDescriptor>();
function without(name: string): void {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  if (descriptor === undefined) return;
  taken.set(name, descriptor);
  delete (globalThis as Record<string, unknown>)[name];
}

afterEach(() => {
  for (const [name, descriptor] of taken) Object.defineProperty(globalThis, name, descriptor);
  taken.clear();
});

describe("an error of a class that this runtime lacks", () => {
  test.each([
    ["SuppressedError", "SuppressedError", "SuppressedError"],
    ["AggregateError", "AggregateError", "AggregateError"],
    ["WebAssembly.RuntimeError", "WebAssembly", "RuntimeError"],
  ])("is an Error of its name, and all it has: %s", (className, global, name) => {
    without(global);
    const node = ["error", className, "message", 0, "a", "error", 0, [2], "suppressed", 0, ["undefined"]];
    const error = decodeTable([[1], node, ["map", 1, 2]]) as Error & { error: unknown };
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
    expect({ ...Object.getOwnPropertyDescriptors(error) }).toEqual({
      name: { value: name, enumerable: false, writable: true, configurable: true },
      message: { value: "a", enumerable: false, writable: true, configurable: true },
      error: { value: new Map([[1, 2]]), enumerable: false, writable: true, configurable: true },
      suppressed: { value: undefined, enumerable: false, writable: true, configurable: true },
    });
  });

  test.each([
    ["SuppressedError", "SuppressedError"],
    ["AggregateError", "AggregateError"],
    ["WebAssembly.RuntimeError", "WebAssembly"],
  ])("is no class that `Object.prototype` has: %s", (className, global) => {
    without(global);
    class Hostile extends Error {
      static RuntimeError = Hostile;
    }
    Object.defineProperty(Object.prototype, global, { value: Hostile, configurable: true });
    try {
      const error = decodeTable([[1], ["error", className, "message", 0, "a"]]) as Error;
      expect(Object.getPrototypeOf(error)).toBe(Error.prototype);
    } finally {
      Reflect.deleteProperty(Object.prototype, global);
    }
  });

  test("keeps a name of its own", () => {
    without("SuppressedError");
    const error = decodeTable([[1], ["error", "SuppressedError", "name", 1, "CleanupError"]]) as Error;
    expect(error.name).toBe("CleanupError");
    expect(tableOf(error)).toEqual([[1], ["error", "SuppressedError", "name", 1, "CleanupError"]]);
  });

  test("is of that class again where it is sent on to", () => {
    without("SuppressedError");
    const table = [[1], ["error", "SuppressedError", "message", 0, "a", "error", 0, 1, "suppressed", 0, 2]];
    expect(tableOf(decodeTable(table))).toEqual(table);
    // A negative control: one that only looks like it is what it is.
    const lookalike = Object.assign(new Error("a"), { name: "SuppressedError", error: 1, suppressed: 2 });
    expect((tableOf(lookalike) as string[][])[1]?.[1]).toBe("Error");
  });

  test("is a DOMException with the two amounts, for a QuotaExceededError", () => {
    without("QuotaExceededError");
    const exception = decodeTable([[1], ["quota", 10, null, "a", "at b"]]) as DOMException;
    expect(Object.getPrototypeOf(exception)).toBe(DOMException.prototype);
    expect([exception.name, exception.message, exception.stack]).toEqual(["QuotaExceededError", "a", "at b"]);
    expect({ ...exception }).toMatchObject({ quota: 10, requested: null });
    expect(tableOf(exception)).toEqual([[1], ["quota", 10, null, "a", "at b"]]);
  });
});

test("an exception without a stack gets none of the receiver's", () => {
  for (const node of [
    ["exception", "AbortError", "a", null],
    ["quota", 1, 2, "a", null],
  ]) {
    const exception = decodeTable([[1], node]) as DOMException;
    expect([exception.message, exception.stack]).toEqual(["a", undefined]);
  }
});

describe("an exception whose class has overridden what it says", () => {
  test.each([
    [
      "a message that is no text",
      class extends DOMException {
        override get message(): string {
          return Symbol("a") as unknown as string;
        }
      },
    ],
    [
      "a name that throws",
      class extends DOMException {
        override get name(): string {
          throw new Error("boom");
        }
      },
    ],
  ])("%s still leaves, when it was thrown, what it has", async (_, Exception) => {
    const { encodeThrown } = await import("../../src/wire/value.ts");
    const thrown = Object.assign(new Exception("a", "AbortError"), { at: 5n });
    const received = decode(payloadOf(encodeThrown(thrown)));
    expect(received).toBeInstanceOf(DOMException);
    expect(received).toMatchObject({ at: 5n });
  });
});
