import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { many, runs } from "../support/effort.ts";
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
});

describe("a map of very many", () => {
  const MANY = many(200_000);

  test.each([
    [1, true],
    [1, false],
    [MANY, true],
    [MANY, false],
    [(MANY * 3) / 4, true],
  ])("gives all: chunk %d, ordered %s", async (chunk, ordered) => {
    const flow = setUp(
      Array.from({ length: MANY }, (_, i) => [i]),
      { chunk, ordered, concurrency: MANY },
    );
    let [sum, isOver] = [0, false];
    const all = (async () => {
      for await (const value of flow.map) sum += value as number;
    })().finally(() => (isOver = true));
    for (; !isOver; await settled()) for (const call of flow.calls.splice(0)) call.finish();
    await all;
    expect(sum).toBe((MANY * (MANY - 1)) / 2);
  });

  test("that are asked for at once are given in order", async () => {
    const flow = setUp(numbers().source, { chunk: 1_000, concurrency: 10_000 });
    const steps = Array.from({ length: MANY }, () => flow.map.next());
    let isOver = false;
    const all = Promise.all(steps).finally(() => (isOver = true));
    for (; !isOver; await settled()) for (const call of flow.calls.splice(0)) call.finish();
    expect((await all).every(({ value }, i) => value === i)).toBe(true);
    await flow.map.return();
  });
});

describe("a consumer that wants no more", () => {
  test("ends the source and aborts what is under way", async () => {
    const { source, seen } = numbers();
    const { map, calls } = setUp(source);
    const waiting = [map.next(), map.next()];
    await settled();
    expect(await map.return("value")).toEqual({ done: true, value: "value" });
    expect(seen.isEnded).toBe(true);
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.every(({ givenUp }) => givenUp !== undefined)).toBe(true);
    for (const step of await Promise.all(waiting)) expect(step).toEqual({ done: true, value: undefined });
    const { taken } = seen;
    expect(await map.next()).toEqual({ done: true, value: undefined });
    expect(seen.taken).toBe(taken);
  });

  test.each<[string, () => unknown]>([
    ["never settles", () => new Promise(() => {})],
    ["rejects", () => Promise.reject("ending")],
    [
      "throws",
      () => {
        throw "ending";
      },
    ],
  ])("is not held up by a source that has nothing to give, and whose `return` %s", async (_, end) => {
    let returns = 0;
    const silent = {
      next: () => new Promise(() => {}),
      return: () => {
        returns++;
        return end();
      },
    };
    const { map } = setUp({ [Symbol.asyncIterator]: () => silent });
    const next = map.next();
    await settled();
    expect(await map.return("value")).toEqual({ done: true, value: "value" });
    expect([await next, returns]).toEqual([{ done: true, value: undefined }, 1]);
  });

  test("is not held up by a generator that waits, which ends when that has come", async () => {
    let [release, isEnded]: [() => void, boolean] = [() => {}, false];
    async function* waiting() {
      try {
        yield [0];
        await new Promise<void>((resolve) => (release = resolve));
        yield [1];
      } finally {
        isEnded = true;
      }
    }
    const { map, calls } = setUp(waiting());
    const first = map.next();
    await settled();
    calls[0]?.finish();
    expect((await first).value).toBe(0);
    await map.return();
    expect(isEnded).toBe(false);
    release();
    await settled();
    expect([isEnded, calls.length]).toEqual([true, 1]);
  });

  test("waits for a source that waits for nothing, and hears what its end throws", async () => {
    let end: (error: unknown) => void = () => {};
    const source = {
      next: () => ({ done: false, value: [1] }),
      return: () => new Promise((_, reject) => (end = reject)),
    };
    const { map, calls } = setUp({ [Symbol.asyncIterator]: () => source });
    const first = map.next();
    await settled();
    calls[0]?.finish();
    await first;
    let isOver = false;
    const left = map.return().finally(() => (isOver = true));
    left.catch(() => {});
    await settled();
    expect(isOver).toBe(false);
    end("ending");
    await expect(left).rejects.toBe("ending");
  });

  test("lets go of a readable that waits", async () => {
    const silent = new Readable({
      objectMode: true,
      read() {},
      destroy: (_, done) => done(new Error("late")),
    });
    const { map } = setUp(silent);
    void map.next();
    await settled();
    await map.return();
    await settled();
    expect(silent.destroyed).toBe(true);
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
    { numRuns: runs(200) },
  );
});
