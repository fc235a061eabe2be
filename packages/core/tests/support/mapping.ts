/** A map over calls that end when a test says so, without a pool. */

import { type MapOptions, resolveMapOptions } from "../../src/options/call-options.ts";
import { Answer, type MapCall, Mapping } from "../../src/task/map.ts";
import type { ChunkOutcome } from "../../src/wire/frame.ts";

export interface Call {
  readonly items: readonly (readonly unknown[])[];
  /** Why it was given up. */
  givenUp: { readonly reason: unknown } | undefined;
  /** Each item's own first argument, or what `work` makes of it. */
  finish(): void;
  /** With any answer, as a worker may give it. */
  answer(value: unknown): void;
  fail(error: unknown): void;
}

export const NO_LIST = new TypeError("Expected the arguments as an array");

/** A map whose calls end when the test says so, and end early where they are given up as those of a pool do. */
export function setUp(
  source: unknown,
  options: MapOptions = {},
  work: (item: unknown) => unknown = (item) => item,
) {
  const calls: Call[] = [];
  const make = (items: Call["items"], result: () => unknown): MapCall => {
    let call: Call | undefined;
    const promise = new Promise<Answer>((resolve, reject) => {
      const answer = (value: unknown) => resolve(new Answer(value));
      const finish = () => {
        try {
          answer(result());
        } catch (error) {
          reject(error);
        }
      };
      call = { items, givenUp: undefined, finish, answer, fail: reject };
      calls.push(call);
    });
    const abort = (reason: unknown) => {
      if (call !== undefined) call.givenUp = { reason };
      call?.fail(reason);
    };
    return { result: promise, abort };
  };
  const outcomeOf = ([item]: readonly unknown[]): ChunkOutcome => {
    try {
      return { value: work(item) };
    } catch (error) {
      return { error };
    }
  };
  const map = new Mapping(source, resolveMapOptions(options, 2), {
    run: (args) => make([args], () => work(args[0])),
    afterTurn: (callback) => void setImmediate(callback),
    name: "work",
    runChunk: (items) => make(items, () => items.map(outcomeOf)),
    check: (item) => {
      if (!Array.isArray(item)) throw NO_LIST;
    },
  });
  return { map, calls };
}

/** Argument lists `[0]`, `[1]` ...; told how many were taken and whether it was ended. */
export function numbers(count = Number.POSITIVE_INFINITY) {
  const seen = { taken: 0, isEnded: false };
  function* source() {
    try {
      while (seen.taken < count) yield [seen.taken++];
    } finally {
      seen.isEnded = true;
    }
  }
  return { seen, source: source() };
}

/** Ends each call as soon as there is one. */
export async function collect(
  { map, calls }: ReturnType<typeof setUp>,
  pick: (waiting: number) => number = () => 0,
): Promise<unknown[]> {
  const values: unknown[] = [];
  let isOver = false;
  const all = (async () => {
    for await (const value of map) values.push(value);
  })().finally(() => (isOver = true));
  all.catch(() => {});
  while (!isOver) {
    for (let i = 0; i < 20; i++) await undefined;
    if (calls.length > 0) calls.splice(pick(calls.length), 1)[0]?.finish();
  }
  await all;
  return values;
}

/** The same map, with each value noted as it is given. */
export function tapped(map: Mapping, values: unknown[]): Mapping {
  const tap = {
    next: async () => {
      const step = await map.next();
      if (step.done !== true) values.push(step.value);
      return step;
    },
    return: () => map.return(),
    [Symbol.asyncIterator]: () => tap,
  };
  return tap as unknown as Mapping;
}

export const range = (count: number) => Array.from({ length: count }, (_, i) => i);
