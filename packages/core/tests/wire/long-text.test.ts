import { describe, expect, test } from "vitest";
import { encode, inJson } from "../../src/wire/value.ts";
import { GRAPH_KIND, JSON_KIND, transfer } from "../support/transfer.ts";

const LONG = "a page of text ".repeat(5_000);

describe("the encoded value", () => {
  test.each<[string, unknown, number, number]>([
    ["a long text", LONG, GRAPH_KIND, 1],
    ["one with a letter more than ASCII has", `${LONG}é`, GRAPH_KIND, 1],
    ["two in a plain value", [LONG, { a: LONG, b: 1 }], GRAPH_KIND, 2],
    ["a long text that UTF-8 can't hold", `${LONG}\uD800`, JSON_KIND, 0],
    ["a text that is not long", LONG.slice(0, 1_000), JSON_KIND, 0],
    ["a long text among many objects", [LONG, ...Array.from({ length: 50 }, () => ({}))], JSON_KIND, 0],
  ])("of %s has the text beside it or in it", (_, value, kind, beside) => {
    const { kind: own, attachments = [] } = encode(value, "value");
    expect([own, attachments.length]).toEqual([kind, beside]);
  });

  test("of a long text is JSON for a worker that reads nothing else, and stays as it was", () => {
    const value = [LONG, { a: 1 }];
    const encoded = encode(value, "value");
    const before = encoded.attachments?.map((bytes) => bytes.slice());
    expect(inJson(encoded, "value")).toMatchObject({ kind: JSON_KIND, text: JSON.stringify(value) });
    expect(encoded.attachments).toEqual(before);
    expect(inJson(encode([LONG, 1n], "value"), "value")).toBeUndefined();
    expect(inJson(encode(new Uint8Array(9), "value"), "value")).toBeUndefined();
  });
});

test("one text after another, of the same length and of others, uses no memory that another still needs", () => {
  const pages = [LONG, LONG.replaceAll("a", "b"), `${LONG}c`, LONG.toUpperCase(), "é".repeat(LONG.length)];
  for (let round = 0; round < 20; round++) {
    const received = pages.map((page) => transfer([page, page])) as string[][];
    for (const [i, both] of received.entries()) expect(both.every((text) => text === pages[i])).toBe(true);
  }
});
