import { describe, expect, test } from "vitest";
import { ProtocolError, SerializationError } from "../../src/errors.ts";
import { fromUnsendable } from "../../src/wire/value.ts";

describe("what a worker says that it can't send", () => {
  test("is a SerializationError with its message and its path", () => {
    const error = fromUnsendable({ message: "a", path: "result.b" });
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ message: "a", path: "result.b" });
  });

  test.each([
    null,
    undefined,
    "text",
    7,
    [],
    {},
    { message: "a" },
    { path: "a" },
    { message: { toString: 1, valueOf: 1 }, path: "a" },
    { message: "a", path: ["b"] },
  ])("is a ProtocolError when it is %j", (told) => {
    expect(fromUnsendable(told)).toBeInstanceOf(ProtocolError);
  });
});
