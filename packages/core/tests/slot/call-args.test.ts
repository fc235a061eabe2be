import { describe, expect, test } from "vitest";
import { argsFor } from "../../src/slot/call-args.ts";
import type { TaskRequest } from "../../src/task/request.ts";
import { encodeArguments } from "../../src/wire/value.ts";
import { GRAPH_KIND, JSON_KIND } from "../support/transfer.ts";

const LONG = "a page of text ".repeat(5_000);
const requestOf = (args: TaskRequest["args"]) => ({ name: "echo", args, inputs: undefined }) as TaskRequest;

describe("the arguments for a worker that reads nothing but JSON", () => {
  test.each<[string, unknown[]]>([
    ["plain ones", [1, { a: ["b"] }]],
    ["a long text", [LONG, { a: LONG }]],
    ["a long text in a list that has more than arguments", Object.assign([LONG], { groups: () => {} })],
  ])("are JSON: %s", (_, args) => {
    const text = JSON.stringify(args);
    expect(argsFor("json", requestOf(encodeArguments(args)))).toMatchObject({ kind: JSON_KIND, text });
  });

  test.each<[string, unknown[]]>([
    ["undefined", [undefined]],
    ["a map with a long text", [new Map([["a", LONG]])]],
    ["bytes", [new Uint8Array(100_000)]],
  ])("are an error: %s", (_, args) => {
    expect(argsFor("json", requestOf(encodeArguments(args)))).toMatchObject({ code: "ERR_SERIALIZATION" });
  });

  test("are an error where they can't be read, not a throw", () => {
    const broken = { ...encodeArguments([new Map()]), text: '[["long",0,5]]' };
    expect(argsFor("json", requestOf(broken))).toBeInstanceOf(Error);
  });
});

test("the arguments for any other worker are sent as they are", () => {
  const args = encodeArguments([LONG, 1n]);
  expect(argsFor("graph", requestOf(args))).toBe(args);
  expect(args.kind).toBe(GRAPH_KIND);
});
