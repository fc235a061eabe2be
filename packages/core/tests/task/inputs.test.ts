import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import type { SerializationError } from "../../src/errors.ts";
import { Inputs, iterablePositions } from "../../src/task/inputs.ts";
import { decode, type EncodedValue } from "../../src/wire/value.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

async function* items(...values: unknown[]) {
  yield* values;
}

const readValue = ({ kind, text }: EncodedValue) => {
  const bytes = new TextEncoder().encode(text);
  const payload = new Uint8Array(5 + bytes.length);
  new DataView(payload.buffer).setUint8(0, kind);
  new DataView(payload.buffer).setUint32(1, bytes.length);
  payload.set(bytes, 5);
  return decode(payload);
};

function setUp(args: unknown[]) {
  const told: unknown[][] = [];
  const inputs = new Inputs(args, iterablePositions(args) ?? [], new FakeRuntime());
  const link = {
    input: (position: number, item: EncodedValue) => void told.push(["item", position, readValue(item)]),
    inputEnd: (position: number) => void told.push(["end", position]),
    inputFailure: (position: number, error: EncodedValue) =>
      void told.push(["failure", position, readValue(error)]),
  };
  inputs.connect(link);
  return { inputs, told };
}

describe("the arguments that are read item by item", () => {
  test("are those that are async iterables, and no others", () => {
    expect(iterablePositions([1, items(), [], null, new Set(), items(), "text"])).toEqual([1, 5]);
    expect(iterablePositions([1, [2], new Map(), undefined])).toBeUndefined();
    expect(iterablePositions([])).toBeUndefined();
  });

  test("are read as the worker asks, each for itself, to their end", async () => {
    const { inputs, told } = setUp([items("a", "b"), 5, items("c")]);
    expect(inputs.positions).toEqual([0, 2]);
    await settled();
    expect(told).toEqual([]);
    inputs.grant(0, 1);
    await settled();
    expect(told).toEqual([["item", 0, "a"]]);
    inputs.grant(2, 9);
    await settled();
    inputs.grant(0, 9);
    await settled();
    expect(told.slice(1)).toEqual([
      ["item", 2, "c"],
      ["end", 2],
      ["item", 0, "b"],
      ["end", 0],
    ]);
  });

  test("tell what they throw", async () => {
    const error = new RangeError("mine");
    const { inputs, told } = setUp([
      (async function* () {
        yield "a";
        throw error;
      })(),
    ]);
    inputs.grant(0, 9);
    await settled();
    expect(told[0]).toEqual(["item", 0, "a"]);
    const [type, position, thrown] = told[1] as [string, number, Error];
    expect([type, position, thrown.message]).toEqual(["failure", 0, "mine"]);
    expect(thrown).toBeInstanceOf(RangeError);
  });

  test("tell an item that can't be sent by its place, and are ended", async () => {
    let isEnded = false;
    const { inputs, told } = setUp([
      5,
      (async function* () {
        try {
          yield { deep: () => {} };
        } finally {
          isEnded = true;
        }
      })(),
    ]);
    inputs.grant(1, 9);
    await settled();
    expect([isEnded, told.length]).toEqual([true, 1]);
    const [type, position, error] = told[0] as [string, number, SerializationError];
    expect([type, position, error.path]).toEqual(["failure", 1, "args[1][item].deep"]);
    expect(error).toBeInstanceOf(Error);
  });

  test("end when the worker wants no more", async () => {
    let isEnded = false;
    const { inputs, told } = setUp([
      (async function* () {
        try {
          for (;;) yield 1;
        } finally {
          isEnded = true;
        }
      })(),
    ]);
    inputs.grant(0, 1);
    await settled();
    inputs.stop(0);
    await settled();
    expect([isEnded, told.at(-1)]).toEqual([true, ["end", 0]]);
  });

  test("end with the call, and tell nobody then", async () => {
    const ended: number[] = [];
    const endless = (name: number) =>
      (async function* () {
        try {
          for (;;) yield name;
        } finally {
          ended.push(name);
        }
      })();
    const { inputs, told } = setUp([endless(0), endless(1)]);
    for (const position of [0, 1]) inputs.grant(position, 1);
    await settled();
    const before = told.length;
    inputs.dispose();
    inputs.grant(0, 5);
    await settled();
    expect([ended, told.length]).toEqual([[0, 1], before]);
  });

  test("take no notice of a position that is none", () => {
    const { inputs } = setUp([items("a")]);
    expect(() => [inputs.grant(7, 1), inputs.stop(7)]).not.toThrow();
  });

  test("run in the context of the call, wherever the worker's wish is read", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: seen.push(["next", storage.getStore()]) }),
        return: async () => ({ done: true, value: seen.push(["return", storage.getStore()]) }),
      }),
    };
    const { inputs } = storage.run("call", () => setUp([source]));
    storage.run("elsewhere", () => inputs.grant(0, 1));
    await settled();
    storage.run("elsewhere", () => inputs.stop(0));
    await settled();
    expect(seen).toEqual([
      ["next", "call"],
      ["return", "call"],
    ]);
  });
});
