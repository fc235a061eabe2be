import { describe, expect, test } from "vitest";
import {
  resolveBroadcastOptions,
  resolveCallOptions,
  resolveMapOptions,
  resolveRunOptions,
} from "../../src/options/call-options.ts";
import { COUNT, DURATION, runtimeWith } from "../support/options.ts";

const runtime = runtimeWith(4);
const defaults = { timeout: 100, queueTimeout: 200, concurrentTasksPerWorker: 1 };
const run = (input: unknown, on = runtime) => resolveRunOptions(input as never, defaults, on);

describe("the options of one call", () => {
  test("are those of the pool where they are not given", () => {
    for (const input of [undefined, {}, { timeout: undefined, retries: undefined, priority: undefined }]) {
      expect(run(input)).toEqual({
        signal: undefined,
        timeout: 100,
        queueTimeout: 200,
        priority: 0,
        key: undefined,
        retries: undefined,
        onOutput: undefined,
        onProgress: undefined,
      });
    }
  });

  test("go before those of the pool where they are given", () => {
    const { signal } = new AbortController();
    const given = Object.freeze({
      timeout: 1,
      queueTimeout: Number.POSITIVE_INFINITY,
      priority: -3,
      key: "",
    });
    expect(run({ ...given, signal })).toMatchObject(given);
    expect(run({ signal }).signal).toBe(signal);
  });

  test.each<[unknown, new (message: string) => Error, string]>([
    [{ signal: {} }, TypeError, "Expected `signal` to be an AbortSignal, received an object"],
    [{ signal: null }, TypeError, "Expected `signal` to be an AbortSignal, received null"],
    [
      { signal: new AbortController() },
      TypeError,
      "Expected `signal` to be an AbortSignal, received an object",
    ],
    [{ timeout: "1s" }, TypeError, `Expected \`timeout\` to be ${DURATION}, received "1s"`],
    [{ priority: 0.5 }, RangeError, "Expected `priority` to be an integer, received 0.5"],
    [
      { priority: Number.POSITIVE_INFINITY },
      RangeError,
      "Expected `priority` to be an integer, received Infinity",
    ],
    [{ priority: "high" }, TypeError, 'Expected `priority` to be an integer, received "high"'],
    [{ key: 5 }, TypeError, "Expected `key` to be a string, received 5 (number)"],
    [{ onOutput: "log" }, TypeError, 'Expected `onOutput` to be a function, received "log"'],
    [{ onProgress: true }, TypeError, "Expected `onProgress` to be a function, received true (boolean)"],
    [{ retries: -1 }, RangeError, `Expected \`retries\` to be ${COUNT}, received -1`],
    [{ retries: 0.5 }, RangeError, `Expected \`retries\` to be ${COUNT}, received 0.5`],
    [{ retries: "3" }, TypeError, 'Expected `retries` to be an object, received "3"'],
    [{ retries: { limit: -1 } }, RangeError, `Expected \`retries.limit\` to be ${COUNT}, received -1`],
    [
      { retries: { when: true } },
      TypeError,
      "Expected `retries.when` to be a function, received true (boolean)",
    ],
    [
      { retries: { backoff: { initial: 2, max: 1 } } },
      RangeError,
      "Expected `retries.backoff.initial` to be at most `retries.backoff.max`, received initial 2 and max 1",
    ],
    [5, TypeError, "Expected `options` to be an object, received 5 (number)"],
  ])("%o throws", (input, errorClass, message) => {
    expect(() => run(input)).toThrow(new errorClass(message));
    expect(() => run(input)).toThrow(errorClass);
  });

  test.each<[unknown, string]>([
    [{ timeuot: 1 }, "Unknown option `timeuot`: "],
    [{ retries: { limits: 1 } }, "Unknown option `retries.limits`: "],
  ])("%j throws for a name that does not exist, with the nearest that does", (input, message) => {
    expect(() => run(input)).toThrow(TypeError);
    expect(() => run(input)).toThrow(message);
    expect(() => run(input)).toThrow("did you mean ");
  });

  test.each(["retries", "onProgress"])("of a stream know no %s", (name) => {
    expect(() => resolveCallOptions({ [name]: undefined }, defaults, runtime)).toThrow(
      `Unknown option \`${name}\`: expected one of signal, timeout, queueTimeout, priority, key`,
    );
  });
});

describe("retries", () => {
  const backoff = { initial: 100, factor: 2, max: 10_000, jitter: 0.2 };

  test.each<[unknown, unknown]>([
    [undefined, undefined],
    [0, undefined],
    [2, { limit: 2, when: undefined, backoff }],
    [Number.POSITIVE_INFINITY, { limit: Number.POSITIVE_INFINITY, when: undefined, backoff }],
    [{}, { limit: 3, when: undefined, backoff }],
    [
      { limit: 1, backoff: { initial: 5 } },
      { limit: 1, when: undefined, backoff: { ...backoff, initial: 5 } },
    ],
  ])("of %j are %j", (retries, expected) => {
    expect(run({ retries }).retries).toEqual(expected);
  });
});

describe("output", () => {
  const onOutput = () => {};

  test("is heard where a worker runs one task at a time", () => {
    expect(run({ onOutput }).onOutput).toBeTypeOf("function");
    expect(resolveCallOptions({ onOutput }, defaults, runtime).onOutput).toBeTypeOf("function");
  });

  test("is not where it runs several, and the error names both options", () => {
    const several = { ...defaults, concurrentTasksPerWorker: 3 };
    const message =
      "Expected the pool's `concurrentTasksPerWorker` to be 1 with `onOutput`, since what a worker writes does not say " +
      "which of its tasks wrote it, received 3";
    expect(() => resolveRunOptions({ onOutput }, several, runtime)).toThrow(new TypeError(message));
    expect(() => resolveCallOptions({ onOutput }, several, runtime)).toThrow(new TypeError(message));
    expect(resolveRunOptions({ onOutput: undefined }, several, runtime).onOutput).toBeUndefined();
  });

  test("of a broadcast is unknown", () => {
    expect(() => resolveBroadcastOptions({ onOutput } as never, defaults, runtime)).toThrow(
      "Unknown option `onOutput`",
    );
  });
});

test("what the caller gives to be called runs in the context of the call", () => {
  const bound: unknown[] = [];
  const when = (error: unknown) => error === "again";
  const onProgress = (value: never) => value;
  const onOutput = () => {};
  const callbacks = { retries: { when }, onProgress, onOutput };
  const resolved = run(callbacks, runtimeWith(4, { onBind: (f) => bound.push(f) }));
  expect(new Set(bound)).toEqual(new Set([when, onProgress, onOutput]));
  expect(resolved.onProgress).not.toBe(onProgress);
  expect([resolved.retries?.when?.("again"), resolved.retries?.when?.("else")]).toEqual([true, false]);
});

describe("the options of a map", () => {
  const map = (input: unknown, seats = 3) => resolveMapOptions(input as never, seats);

  test("take their defaults, of which `concurrency` follows the seats and the chunk", () => {
    const expected = { ordered: true, concurrency: 6, chunk: 1, stopOnError: true, settled: false, run: {} };
    expect(map(undefined)).toEqual(expected);
    expect(map({})).toEqual(expected);
    expect(map({ chunk: 10 })).toMatchObject({ chunk: 10, concurrency: 60 });
  });

  test("leave those of each call to `run`", () => {
    const { signal } = new AbortController();
    const input = {
      ordered: false,
      concurrency: 1,
      chunk: 2,
      stopOnError: false,
      settled: false,
      signal,
      retries: 2,
      key: "a",
    };
    expect(map(input)).toEqual({
      ordered: false,
      concurrency: 1,
      chunk: 2,
      stopOnError: false,
      settled: false,
      run: { signal, retries: 2, key: "a" },
    });
  });

  test.each<[unknown, string]>([
    [{ concurrency: 0 }, "Expected `concurrency` to be an integer of at least 1, received 0"],
    [{ chunk: 0 }, "Expected `chunk` to be an integer of at least 1, received 0"],
    [{ ordered: 1 }, "Expected `ordered` to be true or false, received 1 (number)"],
    [{ stopOnError: "no" }, 'Expected `stopOnError` to be true or false, received "no"'],
    [{ concurency: 1 }, "did you mean concurrency?"],
    [null, "Expected `options` to be an object, received null"],
  ])("%j throw", (input, message) => {
    expect(() => map(input)).toThrow(message);
  });
});

test("the options of a broadcast know `later`, and neither key nor priority", () => {
  const broadcast = (input: unknown) => resolveBroadcastOptions(input as never, defaults, runtime);
  expect(broadcast(undefined)).toMatchObject({ later: undefined, run: { timeout: 100, queueTimeout: 200 } });
  expect(broadcast({ later: false }).later).toBe(false); // which takes back what was to be made later
  expect(() => broadcast({ later: "yes" })).toThrow("later");
  expect(broadcast({ later: true, timeout: 5 })).toMatchObject({
    later: true,
    run: { timeout: 5, priority: 0 },
  });
  for (const name of ["key", "priority", "retries"]) {
    expect(() => broadcast({ [name]: undefined })).toThrow(`Unknown option \`${name}\``);
  }
});
