import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { settled } from "../support/fake-clock.ts";
import { collect, NO_LIST, numbers, range, setUp, tapped } from "../support/mapping.ts";

/** No error is left over: one that nobody handles would end the host. */
const unhandled: unknown[] = [];
const onUnhandled = (error: unknown) => void unhandled.push(error);

beforeEach(() => void process.on("unhandledRejection", onUnhandled));

afterEach(async () => {
  await settled();
  process.off("unhandledRejection", onUnhandled);
  expect(unhandled.splice(0)).toEqual([]);
});

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
}

describe("an error of an item", () => {
  const refuse = (bad: number) => (item: unknown) => {
    if (item === bad) throw `bad ${item}`;
    return item;
  };

  test.each([1, 2])(
    "ends the map after the results before it, aborts the rest, and ends the source: chunk %d",
    async (chunk) => {
      const { source, seen } = numbers();
      const flow = setUp(source, { chunk }, refuse(5));
      const results: unknown[] = [];
      const error = await (async () => {
        try {
          for (;;) {
            const next = flow.map.next();
            next.catch(() => {});
            await settled();
            for (const call of flow.calls.splice(0, 1)) {
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
      expect(flow.calls.map(({ givenUp }) => givenUp?.reason)).toEqual(
        flow.calls.map(() => expect.objectContaining({ name: "AbortError" })),
      );
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
    const { map, calls } = setUp([[1], [2]], { chunk: 2, stopOnError: false });
    const first = map.next();
    await settled();
    calls[0]?.answer([{ value: 1 }, { unsendable: { message: "no", path: "result.f" } }]);
    expect(await first).toEqual({ done: false, value: 1 });
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

describe("an item that is no argument list", () => {
  test.each([
    ["a text as long as the arguments", "ab", 1],
    ["nothing", undefined, 2],
    ["a list-like object", { length: 1, 0: "a" }, 3],
    ["an iterable", new Set([1]), 1],
    ["a list that can't be read", revoked(), 2],
  ])("fails by itself, and its neighbours are called: %s", async (_, bad, chunk) => {
    const flow = setUp([[0], bad, [1], bad, bad, [2]], { chunk, stopOnError: false });
    const values: unknown[] = [];
    const error = await collect({ ...flow, map: tapped(flow.map, values) }).catch(
      (thrown: unknown) => thrown,
    );
    expect(values).toEqual([0, 1, 2]);
    expect((error as AggregateError).errors).toEqual([1, 2, 3].map(() => expect.any(TypeError)));
  });

  test.each([1, 2])("ends the map in its turn: chunk %d", async (chunk) => {
    const flow = setUp([[0], [1], "ab", [3]], { chunk });
    const values: unknown[] = [];
    await expect(collect({ ...flow, map: tapped(flow.map, values) })).rejects.toBe(NO_LIST);
    expect(values).toEqual([0, 1]);
  });
});

describe("a source that throws", () => {
  function* failing() {
    yield [0];
    yield [1];
    throw "source";
  }

  test("ends the map with its error, and aborts what is under way", async () => {
    const { map, calls } = setUp(failing());
    const next = map.next();
    next.catch(() => {});
    await expect(next).rejects.toBe("source");
    expect(calls.map(({ givenUp }) => givenUp !== undefined)).toEqual([true, true]);
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
    expect([calls.every(({ givenUp }) => givenUp !== undefined), seen.isEnded]).toEqual([true, true]);
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

describe("the caller's signal", () => {
  /** Counts who listens to it. */
  function watched() {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    const { addEventListener: add, removeEventListener: remove } = signal;
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners.add(args[1]);
      return add.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners.delete(args[1]);
      return remove.apply(signal, args);
    };
    return { signal, listeners };
  }

  test("is listened to once, from the first `next()` on", async () => {
    const { signal, listeners } = watched();
    const { map } = setUp(numbers().source, { signal, concurrency: 8 });
    await settled();
    expect(listeners.size).toBe(0);
    for (let i = 0; i < 3; i++) void map.next();
    await settled();
    expect(listeners.size).toBe(1);
    await map.return();
  });

  const ends: [string, (flow: ReturnType<typeof setUp>) => Promise<unknown>][] = [
    ["its end", (flow) => collect(flow)],
    ["a break before anything was asked for", ({ map }) => map.return()],
    ["a break", async (flow) => [void flow.map.next(), await settled(), await flow.map.return()]],
    [
      "an error",
      async ({ map, calls }) => {
        const next = map.next();
        await settled();
        calls[0]?.fail("mine");
        await expect(next).rejects.toBe("mine");
      },
    ],
  ];
  test.each(ends)("is let go of after %s", async (_, end) => {
    const { signal, listeners } = watched();
    await end(setUp(numbers(5).source, { signal }));
    expect(listeners.size).toBe(0);
  });

  test("is let go of when all is there, also while nobody asks for the end", async () => {
    const { signal, listeners } = watched();
    const { map, calls } = setUp([[0], [1]], { signal });
    const steps = [map.next(), map.next()];
    await settled();
    for (const call of calls) call.finish();
    expect(await Promise.all(steps)).toEqual([0, 1].map((value) => ({ done: false, value })));
    await settled();
    expect(listeners.size).toBe(0);
  });
});
