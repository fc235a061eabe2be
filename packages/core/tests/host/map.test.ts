import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { Mapping } from "../../src/host/map.ts";
import { type MapOptions, resolveMapOptions } from "../../src/run-options.ts";
import type { ChunkOutcome } from "../../src/wire/frame.ts";
import { settled } from "../support/fake-clock.ts";

interface Call {
  readonly items: readonly (readonly unknown[])[];
  readonly signal: AbortSignal;
  /** Each item's own first argument, or what `work` makes of it. */
  finish(): void;
  fail(error: unknown): void;
}

const unhandled: unknown[] = [];
process.on("unhandledRejection", (error) => void unhandled.push(error));
afterEach(async () => {
  await settled();
  expect(unhandled.splice(0)).toEqual([]);
});

/** A map whose calls end when the test says so, and end early by their signal as those of a pool do. */
function setUp(source: unknown, options: MapOptions = {}, work: (item: unknown) => unknown = (item) => item) {
  const calls: Call[] = [];
  const call = <T>(items: Call["items"], signal: AbortSignal | undefined, result: () => T) =>
    new Promise<T>((resolve, reject) => {
      if (signal === undefined) throw new Error("Expected a signal");
      signal.throwIfAborted();
      signal.addEventListener("abort", () => reject(signal.reason));
      const finish = () => {
        try {
          resolve(result());
        } catch (error) {
          reject(error);
        }
      };
      calls.push({ items, signal, finish, fail: reject });
    });
  const outcomeOf = ([item]: readonly unknown[]): ChunkOutcome => {
    try {
      return { value: work(item) };
    } catch (error) {
      return { error };
    }
  };
  const map = new Mapping(source, resolveMapOptions(options, 2), {
    run: (args, { signal }) => call([args], signal, () => work(args[0])),
    runChunk: (items, { signal }) => call(items, signal, () => items.map(outcomeOf)),
  });
  return { map, calls };
}

/** Argument lists `[0]`, `[1]` ...; told how many were taken and whether it was ended. */
function numbers(count = Number.POSITIVE_INFINITY) {
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
async function collect(
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

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

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

describe("an error of an item", () => {
  const refuse = (bad: number) => (item: unknown) => {
    if (item === bad) throw `bad ${item}`;
    return item;
  };

  test.each([1, 2])(
    "ends the map after the results before it, gives up the rest, and ends the source: chunk %d",
    async (chunk) => {
      const { source, seen } = numbers();
      const flow = setUp(source, { chunk }, refuse(5));
      const results: unknown[] = [];
      const signals: AbortSignal[] = [];
      const error = await (async () => {
        try {
          for (;;) {
            const next = flow.map.next();
            next.catch(() => {});
            await settled();
            for (const call of flow.calls.splice(0, 1)) {
              signals.push(...flow.calls.map(({ signal }) => signal));
              call.finish();
            }
            results.push((await next).value);
          }
        } catch (thrown) {
          return thrown;
        }
      })();
      expect([error, results]).toEqual(["bad 5", range(5)]);
      expect(seen.isEnded).toBe(true);
      expect(signals.every(({ aborted }) => aborted)).toBe(true);
      expect(await flow.map.next()).toEqual({ done: true, value: undefined });
    },
  );

  test.each([1, 3])("is left out and told at the end where the map is to go on: chunk %d", async (chunk) => {
    const flow = setUp(numbers(8).source, { chunk, stopOnError: false }, (item) => {
      if (Number(item) % 3 === 1) throw `bad ${item}`;
      return item;
    });
    const values: unknown[] = [];
    const error = await (async () => {
      const all = collect({ ...flow, map: tapped(flow.map, values) });
      return all.catch((thrown: unknown) => thrown);
    })();
    expect(values).toEqual([0, 2, 3, 5, 6]);
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).errors).toEqual(["bad 1", "bad 4", "bad 7"]);
    expect(await flow.map.next()).toEqual({ done: true, value: undefined });
  });

  test("of a chunk that can't be sent back is a SerializationError of that item alone", async () => {
    const outcomes: ChunkOutcome[] = [{ value: 1 }, { unsendable: { message: "no", path: "result.f" } }];
    const map = new Mapping([[1], [2]], resolveMapOptions({ chunk: 2, stopOnError: false }, 1), {
      run: () => Promise.reject("never"),
      runChunk: async () => outcomes,
    });
    expect(await map.next()).toEqual({ done: false, value: 1 });
    const error = await map.next().catch((thrown: unknown) => thrown);
    expect((error as AggregateError).errors).toEqual([
      expect.objectContaining({ code: "ERR_SERIALIZATION", path: "result.f" }),
    ]);
  });

  test("that is a whole call's is each of its items'", async () => {
    const { map, calls } = setUp(numbers(2).source, { chunk: 2, stopOnError: false });
    const next = map.next();
    next.catch(() => {});
    await settled();
    calls[0]?.fail("died");
    const error = await next.catch((thrown: unknown) => thrown);
    expect((error as AggregateError).errors).toEqual(["died", "died"]);
  });

  test("counts although ending the source fails", async () => {
    const source = { next: () => ({ done: false, value: [1] }), return: () => Promise.reject("ending") };
    const { map, calls } = setUp({ [Symbol.iterator]: () => source });
    const next = map.next();
    next.catch(() => {});
    await settled();
    calls[0]?.fail("mine");
    await expect(next).rejects.toBe("mine");
  });

  test("is told although the source never gives another item", async () => {
    const { map, calls } = setUp(
      (async function* () {
        yield [1];
        await new Promise(() => {});
      })(),
    );
    const next = map.next();
    next.catch(() => {});
    await settled();
    calls[0]?.fail("mine");
    await expect(next).rejects.toBe("mine");
  });
});

describe("a source that throws", () => {
  function* failing() {
    yield [0];
    yield [1];
    throw "source";
  }

  test("ends the map with its error, and gives up what is under way", async () => {
    const { map, calls } = setUp(failing());
    const next = map.next();
    next.catch(() => {});
    await expect(next).rejects.toBe("source");
    expect(calls.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(await map.next()).toEqual({ done: true, value: undefined });
  });

  test.each([1, 9])(
    "has its items done and its error told at the end where the map is to go on: chunk %d",
    async (chunk) => {
      const flow = setUp(failing(), { stopOnError: false, chunk });
      const values: unknown[] = [];
      const error = await collect({ ...flow, map: tapped(flow.map, values) }).catch(
        (thrown: unknown) => thrown,
      );
      expect(values).toEqual([0, 1]);
      expect((error as AggregateError).errors).toEqual(["source"]);
    },
  );

  test("while nobody waits is told to whoever asks next", async () => {
    let fail: () => void = () => {};
    const { map, calls } = setUp(
      (async function* () {
        yield [0];
        await new Promise<void>((resolve) => (fail = resolve));
        throw "source";
      })(),
    );
    const first = map.next();
    await settled();
    calls[0]?.finish();
    expect((await first).value).toBe(0);
    fail();
    await settled();
    await expect(map.next()).rejects.toBe("source");
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

describe("an abort of the caller's", () => {
  test.each([true, false])("rejects with its reason while calls run: stopOnError %s", async (stopOnError) => {
    const { source, seen } = numbers();
    const control = new AbortController();
    const { map, calls } = setUp(source, { signal: control.signal, stopOnError });
    const next = map.next();
    next.catch(() => {});
    await settled();
    control.abort("given up");
    await expect(next).rejects.toBe("given up");
    expect([calls.every(({ signal }) => signal.aborted), seen.isEnded]).toEqual([true, true]);
    expect(await map.next()).toEqual({ done: true, value: undefined });
  });

  test("rejects with its reason also while the source has nothing to give", async () => {
    const control = new AbortController();
    const silent = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
    const { map } = setUp(silent, { signal: control.signal });
    const next = map.next();
    next.catch(() => {});
    await settled();
    control.abort("given up");
    await expect(next).rejects.toBe("given up");
  });

  test("that came before has nothing read", async () => {
    const { source, seen } = numbers();
    const { map } = setUp(source, { signal: AbortSignal.abort("given up") });
    await expect(map.next()).rejects.toBe("given up");
    expect(seen.taken).toBe(0);
  });

  test("that comes after the end changes nothing", async () => {
    const control = new AbortController();
    const flow = setUp(numbers(2).source, { signal: control.signal });
    expect(await collect(flow)).toEqual([0, 1]);
    control.abort("too late");
    expect(await flow.map.next()).toEqual({ done: true, value: undefined });
  });
});

/** The same map, with each value noted as it is given. */
function tapped(map: Mapping, values: unknown[]): Mapping {
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
