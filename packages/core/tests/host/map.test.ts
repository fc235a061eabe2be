import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mapping } from "../../src/host/map.ts";
import { resolveMapOptions } from "../../src/run-options.ts";
import { settled } from "../support/fake-clock.ts";
import { collect, numbers, range, setUp, tapped } from "../support/mapping.ts";

describe("a map", () => {
  test("takes nothing before it is asked for something", async () => {
    const { source, seen } = numbers();
    setUp(source);
    await settled();
    expect(seen.taken).toBe(0);
  });

  test("over what is no iterable is a TypeError", () => {
    for (const source of [5, undefined, "text", {}]) expect(() => setUp(source)).toThrow(TypeError);
  });

  test("of nothing is over at once", async () => {
    const { map } = setUp([]);
    expect(await map.next()).toEqual({ done: true, value: undefined });
    expect(await map.next()).toEqual({ done: true, value: undefined });
  });

  test("gives results in the order of the items, whichever is there first", async () => {
    const { map, calls } = setUp([[0], [1], [2]]);
    const first = map.next();
    await settled();
    for (const call of calls.toReversed()) call.finish();
    expect([await first, await map.next(), await map.next()].map(({ value }) => value)).toEqual([0, 1, 2]);
    expect(await map.next()).toEqual({ done: true, value: undefined });
  });

  test("gives each as it is there where no order is asked for", async () => {
    const { map, calls } = setUp([[0], [1], [2]], { ordered: false });
    const results = [map.next(), map.next(), map.next()];
    await settled();
    for (const call of calls.toReversed()) {
      call.finish();
      await settled();
    }
    expect((await Promise.all(results)).map(({ value }) => value)).toEqual([2, 1, 0]);
  });

  test("takes as many as may be under way and no more: a slow consumer stops the source", async () => {
    const { source, seen } = numbers();
    const { map, calls } = setUp(source, { concurrency: 3 });
    const first = map.next();
    await settled();
    expect([seen.taken, calls.length]).toEqual([3, 3]);
    for (const call of calls) call.finish();
    await first;
    await settled();
    expect(seen.taken).toBe(4); // one was taken of the results
    await settled();
    expect(seen.taken).toBe(4);
    await map.return();
    expect(seen.isEnded).toBe(true);
  });

  test("sends chunks, the last one smaller", async () => {
    const flow = setUp(numbers(7).source, { chunk: 3 });
    const sizes: number[] = [];
    const push = flow.calls.push.bind(flow.calls);
    flow.calls.push = (...calls) => {
      sizes.push(...calls.map(({ items }) => items.length));
      return push(...calls);
    };
    expect(await collect(flow)).toEqual(range(7));
    expect(sizes).toEqual([3, 3, 1]);
  });

  test.each([
    [5, 2, [2, 2]],
    [3, 9, [3]],
  ])("keeps to %d items under way also in chunks of %d", async (concurrency, chunk, sizes) => {
    const { source, seen } = numbers();
    const { map, calls } = setUp(source, { concurrency, chunk });
    void map.next();
    await settled();
    expect(calls.map(({ items }) => items.length)).toEqual(sizes);
    expect(seen.taken).toBeLessThanOrEqual(concurrency);
    await map.return();
  });

  test("passes on what its calls may ask for", async () => {
    const asked: unknown[] = [];
    const map = new Mapping([[1]], resolveMapOptions({ timeout: 5, key: "k" }, 1), {
      run: async (_, options) => void asked.push(options),
      runChunk: async () => [],
    });
    await map.next();
    expect(asked).toEqual([{ timeout: 5, key: "k", signal: expect.any(AbortSignal) }]);
  });
});

describe("a consumer that wants no more", () => {
  test("ends the source and gives up what is under way", async () => {
    const { source, seen } = numbers();
    const { map, calls } = setUp(source);
    const waiting = [map.next(), map.next()];
    await settled();
    expect(await map.return("value")).toEqual({ done: true, value: "value" });
    expect(seen.isEnded).toBe(true);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.every(({ signal }) => signal.aborted)).toBe(true);
    for (const step of await Promise.all(waiting)) expect(step).toEqual({ done: true, value: undefined });
    const { taken } = seen;
    expect(await map.next()).toEqual({ done: true, value: undefined });
    expect(seen.taken).toBe(taken);
  });

  test("does not end a source that is at its end", async () => {
    let returns = 0;
    const source = {
      [Symbol.iterator]: () => ({ next: () => ({ done: true, value: undefined }), return: () => returns++ }),
    };
    const { map } = setUp(source);
    await map.next();
    await map.return();
    expect(returns).toBe(0);
  });
});

test("any map gives each item's result once, and is never beyond its bound", async () => {
  const options = fc.record({
    count: fc.nat(40),
    ordered: fc.boolean(),
    chunk: fc.integer({ min: 1, max: 6 }),
    concurrency: fc.integer({ min: 1, max: 12 }),
    isAsync: fc.boolean(),
    lots: fc.infiniteStream(fc.nat(100)),
  });
  await fc.assert(
    fc.asyncProperty(options, async ({ count, ordered, chunk, concurrency, isAsync, lots }) => {
      const { source, seen } = numbers(count);
      async function* slowly() {
        for (const item of source) {
          await undefined;
          yield item;
        }
      }
      const flow = setUp(isAsync ? slowly() : source, { ordered, chunk, concurrency });
      let given = 0;
      const values: unknown[] = [];
      const watched = tapped(flow.map, values);
      const results = await collect({ ...flow, map: watched }, (waiting) => {
        // The one more is on its way to the consumer.
        expect(seen.taken - values.length).toBeLessThanOrEqual(concurrency + 1);
        expect(flow.calls.every(({ items }) => items.length <= chunk)).toBe(true);
        given++;
        return (lots.next().value as number) % waiting;
      });
      expect(given).toBeGreaterThanOrEqual(Math.ceil(count / chunk));
      expect(ordered ? results : results.toSorted((x, y) => Number(x) - Number(y))).toEqual(range(count));
    }),
    { numRuns: 200 },
  );
});
