import { describe, expect, test } from "vitest";
import { resolveCloseTimeout, resolveOptions, resolveRunOptions } from "../src/options.ts";
import { MAX_TIMER_MS } from "../src/port/runtime.ts";
import { DURATION, launcher, resolve, runtimeWith } from "./support/options.ts";

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

describe("options that are not given", () => {
  test("take their defaults", () => {
    const expected = {
      minWorkers: 0,
      maxWorkers: 4,
      concurrentTasksPerWorker: 1,
      idleTimeout: 30_000,
      maxQueue: Number.POSITIVE_INFINITY,
      queueTimeout: Number.POSITIVE_INFINITY,
      timeout: Number.POSITIVE_INFINITY,
      startTimeout: 30_000,
      killTimeout: 5_000,
      restart: {
        intensity: 5,
        period: 10_000,
        backoff: { initial: 100, factor: 2, max: 10_000, jitter: 0.2 },
      },
      orphans: "auto",
      worker: { launcher, env: {}, argv: [], stdout: "inherit", stderr: "inherit", sigchld: "default" },
    };
    for (const input of [undefined, {}, { restart: {}, worker: {} }, { restart: { backoff: {} } }]) {
      expect(resolve(input)).toMatchObject(expected);
    }
  });

  test("may be given as undefined", () => {
    const names = Object.keys(resolve({}));
    expect(resolve(Object.fromEntries(names.map((name) => [name, undefined])))).toEqual(resolve({}));
  });

  test("depend on each other where one alone would be impossible", () => {
    expect(resolve({ minWorkers: 9 })).toMatchObject({ minWorkers: 9, maxWorkers: 9 });
    expect(resolveOptions({}, runtimeWith(0)).maxWorkers).toBe(1);
    expect(resolve({ restart: { backoff: { initial: 20_000 } } }).restart.backoff.max).toBe(20_000);
  });
});

describe("options that are given", () => {
  test("are taken as they are", () => {
    const input = {
      minWorkers: 2,
      maxWorkers: 3,
      concurrentTasksPerWorker: 8,
      idleTimeout: Number.POSITIVE_INFINITY,
      maxQueue: 0,
      queueTimeout: 0,
      timeout: MAX_TIMER_MS,
      startTimeout: 0.5,
      killTimeout: 1,
      restart: { intensity: 0, period: 1, backoff: { initial: 0, factor: 1, max: 0, jitter: 1 } },
      orphans: "adopt",
      worker: {
        launcher: { name: "mine", command: () => ({ file: "mine", args: [] }) },
        env: { A: "1", B: undefined },
        cwd: "/tmp",
        execArgv: ["--flag"],
        argv: ["a", ""],
        data: new Map([[1, 2]]),
        stdout: "capture",
        stderr: "ignore",
        sigchld: "ignore",
      },
    } as const;
    expect(resolve(input)).toMatchObject(input);
    expect(resolve(input).worker.data).toBe(input.worker.data);
    expect(resolve(input).worker.launcher).toBe(input.worker.launcher);
  });

  test.each(["auto", "adopt", "ignore"] as const)(
    "are one of a few words where they are words: %s",
    (orphans) => {
      expect(resolve({ orphans }).orphans).toBe(orphans);
    },
  );

  test("are never changed", () => {
    const input = deepFreeze({
      minWorkers: 1,
      restart: { backoff: { initial: 5 } },
      worker: { env: { A: "1" }, argv: ["a"], execArgv: ["b"], data: { deep: [1] } },
    });
    const before = JSON.stringify(input);
    const resolved = resolve(input); // a change to what is frozen would throw
    expect(JSON.stringify(input)).toBe(before);
    expect(resolved.worker.env).not.toBe(input.worker.env);
    expect(resolved.worker.argv).not.toBe(input.worker.argv);
  });

  test("changed later change nothing", () => {
    const input = { worker: { env: { A: "1" } as Record<string, string>, argv: ["a"], execArgv: ["b"] } };
    const { worker } = resolve(input);
    input.worker.env.A = "2";
    input.worker.argv.push("c");
    input.worker.execArgv.length = 0;
    expect(worker).toMatchObject({ env: { A: "1" }, argv: ["a"], execArgv: ["b"] });
  });

  test.each<[string, unknown]>([
    ["none", undefined],
    ["some", { worker: { argv: ["a"], execArgv: ["b"], env: { A: "1" } }, restart: { period: 1 } }],
  ])("come out frozen all the way down: %s", (_, input) => {
    const loose: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== "object" || value === null || path.endsWith(".launcher") || path.endsWith(".data"))
        return;
      if (!Object.isFrozen(value)) loose.push(path);
      for (const [key, item] of Object.entries(value)) visit(item, `${path}.${key}`);
    };
    visit(resolve(input), "options");
    expect(loose).toEqual([]);
  });
});

describe("the options of one call", () => {
  const defaults = resolve({ timeout: 100, queueTimeout: 200 });

  test("are those of the pool where they are not given", () => {
    expect(resolveRunOptions(undefined, defaults)).toMatchObject({
      signal: undefined,
      timeout: 100,
      queueTimeout: 200,
    });
    expect(resolveRunOptions({ timeout: undefined }, defaults)).toMatchObject({ timeout: 100 });
  });

  test("go before those of the pool where they are given", () => {
    const { signal } = new AbortController();
    const given = deepFreeze({ timeout: 1, queueTimeout: Number.POSITIVE_INFINITY });
    expect(resolveRunOptions({ ...given, signal }, defaults)).toMatchObject(given);
    expect(resolveRunOptions({ signal }, defaults).signal).toBe(signal);
  });

  test.each<[unknown, string]>([
    [{ signal: {} }, "Expected `signal` to be an AbortSignal, received an object"],
    [{ signal: null }, "Expected `signal` to be an AbortSignal, received null"],
    [{ signal: new AbortController() }, "Expected `signal` to be an AbortSignal, received an object"],
    [{ timeout: "1s" }, `Expected \`timeout\` to be ${DURATION}, received "1s"`],
    [5, "Expected `options` to be an object, received 5 (number)"],
  ])("%o throws", (input, message) => {
    expect(() => resolveRunOptions(input as never, defaults)).toThrow(new TypeError(message));
  });

  test("throw for a name that does not exist, with the nearest that does", () => {
    expect(() => resolveRunOptions({ timeuot: 1 } as never, defaults)).toThrow(
      /^Unknown option `timeuot`: .*; did you mean timeout\?$/,
    );
  });
});

describe("the time a close may take", () => {
  test("is 30 seconds where it is not given", () => {
    expect([
      resolveCloseTimeout(undefined),
      resolveCloseTimeout({}),
      resolveCloseTimeout({ timeout: 5 }),
    ]).toEqual([30_000, 30_000, 5]);
  });

  test("is checked as every other option", () => {
    expect(() => resolveCloseTimeout({ timeout: -1 })).toThrow(
      `Expected \`timeout\` to be ${DURATION}, received -1`,
    );
    expect(() => resolveCloseTimeout({ timout: 1 } as never)).toThrow("did you mean timeout?");
    expect(() => resolveCloseTimeout(5_000 as never)).toThrow(
      "Expected `options` to be an object, received 5000 (number)",
    );
  });
});
