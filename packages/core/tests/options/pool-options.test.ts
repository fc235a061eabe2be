/** The options of a pool and of its workers, with backoff-options.ts; wrong ones are options-refused.test.ts. */
import { describe, expect, test } from "vitest";
import { UnsupportedError } from "../../src/errors.ts";
import { resolveClose, resolveNewSize } from "../../src/options/pool-options.ts";
import { MAX_TIMER_MS } from "../../src/port/runtime.ts";
import {
  DURATION,
  launcher,
  NO_PROC,
  POOL_OPTIONS,
  resolve,
  resolveWorkerIn,
  runtimeWith,
} from "../support/options.ts";

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
      spares: 0,
      maxQueue: Number.POSITIVE_INFINITY,
      queueTimeout: Number.POSITIVE_INFINITY,
      timeout: Number.POSITIVE_INFINITY,
      startTimeout: 30_000,
      hangTimeout: Number.POSITIVE_INFINITY,
      killTimeout: 5_000,
      restart: {
        intensity: 5,
        period: 10_000,
        backoff: { initial: 100, factor: 2, max: 10_000, jitter: 0.2 },
      },
      recycle: {
        tasks: Number.POSITIVE_INFINITY,
        age: Number.POSITIVE_INFINITY,
        rss: Number.POSITIVE_INFINITY,
        jitter: 0.1,
      },
      closeOnSignals: false,
      orphans: "auto",
    };
    const worker = {
      launcher,
      env: {},
      argv: [],
      stdout: "inherit",
      stderr: "inherit",
      sigchld: "default",
      containment: "tree",
      means: { base: undefined, mkdir: undefined, unshare: undefined, setpriv: undefined },
      limits: {
        memory: Number.POSITIVE_INFINITY,
        processes: Number.POSITIVE_INFINITY,
        cpus: Number.POSITIVE_INFINITY,
      },
    };
    const none = ["cwd", "execArgv", "data", "lease", "niceness", "umask", "uid", "gid"];
    const inputs = [
      undefined,
      {},
      { restart: {}, recycle: {}, worker: {} },
      { restart: { backoff: {} } },
      { worker: () => undefined },
    ];
    for (const input of inputs) {
      expect(resolve(input)).toMatchObject(expected);
      expect(resolveWorkerIn(input)).toEqual({
        ...worker,
        ...Object.fromEntries(none.map((n) => [n, undefined])),
      });
    }
  });

  test("may be given as undefined", () => {
    const input = Object.fromEntries(POOL_OPTIONS.map((name) => [name, undefined]));
    const [given, defaults] = [resolve(input), resolve({})];
    expect({ ...given, workerFor: undefined }).toEqual({ ...defaults, workerFor: undefined });
    const worker = defaults.workerFor({ id: 1 });
    const { means: _found, ...options } = worker;
    const names = Object.fromEntries(Object.keys(options).map((name) => [name, undefined]));
    expect(resolveWorkerIn({ worker: names })).toEqual(worker);
  });

  test("depend on each other where one alone would be impossible", () => {
    expect(resolve({ minWorkers: 9 })).toMatchObject({ minWorkers: 9, maxWorkers: 9 });
    expect(resolve({}, runtimeWith(0)).maxWorkers).toBe(1);
    expect(resolve({ spares: 2 })).toMatchObject({ spares: 2, maxWorkers: 6 });
    expect(resolve({ spares: 2, minWorkers: 9 })).toMatchObject({ minWorkers: 9, maxWorkers: 11 });
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
      spares: 2,
      maxQueue: 0,
      queueTimeout: 0,
      timeout: MAX_TIMER_MS,
      startTimeout: 0.5,
      hangTimeout: 2_000,
      killTimeout: 1,
      restart: { intensity: 0, period: 1, backoff: { initial: 0, factor: 1, max: 0, jitter: 1 } },
      recycle: { tasks: 0, age: 0, rss: 5, jitter: 0 },
      closeOnSignals: true,
      orphans: "adopt",
    } as const;
    expect(resolve(input)).toMatchObject(input);
  });

  test("are taken as they are by each worker", () => {
    const input = {
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
        containment: "group",
        limits: { memory: 2 ** 30, processes: Number.POSITIVE_INFINITY, cpus: Number.POSITIVE_INFINITY },
        lease: 1_000,
        niceness: -20,
        umask: 0o777,
        uid: 0,
        gid: 2 ** 31 - 1,
      },
    } as const;
    for (const given of [input, { worker: () => input.worker }]) {
      expect(resolveWorkerIn(given)).toEqual({ ...input.worker, means: {} });
      expect(resolveWorkerIn(given).data).toBe(input.worker.data);
      expect(resolveWorkerIn(given).launcher).toBe(input.worker.launcher);
    }
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
    const worker = resolved.workerFor({ id: 1 });
    expect(worker.env).not.toBe(input.worker.env);
    expect(worker.argv).not.toBe(input.worker.argv);
  });

  test("changed later change nothing", () => {
    const input = { worker: { env: { A: "1" } as Record<string, string>, argv: ["a"], execArgv: ["b"] } };
    const { workerFor } = resolve(input);
    input.worker.env.A = "2";
    input.worker.argv.push("c");
    input.worker.execArgv.length = 0;
    expect(workerFor({ id: 1 })).toMatchObject({ env: { A: "1" }, argv: ["a"], execArgv: ["b"] });
  });

  test.each<[string, unknown]>([
    ["none", undefined],
    ["of a function", { worker: () => ({ argv: ["a"], execArgv: ["b"], env: { A: "1" } }) }],
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
    visit(resolveWorkerIn(input), "options.worker");
    expect(loose).toEqual([]);
  });
});

describe("the options of each worker", () => {
  test("that are a function's are asked for anew each time, with the worker's id, frozen", () => {
    const seats: unknown[] = [];
    const { workerFor } = resolve({
      worker: (seat: { id: number }) => {
        seats.push(seat);
        return { argv: [String(seat.id)] };
      },
    });
    expect(seats).toEqual([]);
    expect([3, 1, 3].map((id) => workerFor({ id }).argv)).toEqual([["3"], ["1"], ["3"]]);
    expect(seats).toEqual([{ id: 3 }, { id: 1 }, { id: 3 }]);
    expect(seats.every(Object.isFrozen)).toBe(true);
  });

  test("that are data are read once, and what is wrong with them is thrown with the pool's", () => {
    let reads = 0;
    const worker = {
      get argv() {
        reads++;
        return ["a"];
      },
    };
    const { workerFor } = resolve({ worker });
    const readAtFirst = reads;
    expect(readAtFirst).toBeGreaterThan(0);
    expect(workerFor({ id: 1 })).toBe(workerFor({ id: 2 }));
    expect(reads).toBe(readAtFirst);
    expect(() => resolve({ worker: { argv: "a" } })).toThrow(TypeError);
  });

  test("that a function gives wrong are thrown when they are asked for", () => {
    const { workerFor } = resolve({ worker: () => ({ argv: "a" }) });
    expect(() => workerFor({ id: 1 })).toThrow(
      new TypeError('Expected `worker.argv` to be an array of strings, received "a"'),
    );
    const mine = new Error("mine");
    const throwing = resolve({
      worker: () => {
        throw mine;
      },
    });
    expect(() => throwing.workerFor({ id: 1 })).toThrow(mine);
  });
});

describe("how many calls may wait", () => {
  test.each<[unknown, number, number]>([
    [{ maxWorkers: 3, concurrentTasksPerWorker: 2 }, Number.POSITIVE_INFINITY, 36],
    [{ maxWorkers: 3, concurrentTasksPerWorker: 2, maxQueue: "auto" }, 36, 36],
    [{ maxQueue: "auto" }, 16, 16],
    [{ maxQueue: 7 }, 7, 7],
    [{ maxQueue: 0 }, 0, 1],
  ])("with %j is %d, and the queue counts as full at %d", (input, maxQueue, fullQueue) => {
    expect(resolve(input)).toMatchObject({ maxQueue, fullQueue });
  });
});

describe("a limit on memory", () => {
  const blind = runtimeWith(4, { files: NO_PROC });

  test.each<[string, unknown]>([
    ["recycle.rss", { recycle: { rss: 1 } }],
    ["worker.limits.memory", { worker: { limits: { memory: 1 } } }],
  ])("is refused where memory can't be read: %s", (name, input) => {
    const wrong = () => resolve(input, blind);
    expect(wrong).toThrow(UnsupportedError);
    expect(wrong).toThrow(`Cannot enforce \`${name}\`: it needs Linux and a readable /proc`);
    expect(() => resolve(input)).not.toThrow();
  });

  test("without a bound is none, and asks for nothing", () => {
    const none = Number.POSITIVE_INFINITY;
    const input = { recycle: { rss: none }, worker: { limits: { memory: none } } };
    expect(resolve(input, blind).recycle.rss).toBe(none);
  });
});

describe("the time a close may take", () => {
  test("is 30 seconds where it is not given", () => {
    expect([
      resolveClose(undefined),
      resolveClose({ waiting: "reject" }),
      resolveClose({ timeout: 5 }),
    ]).toEqual([
      { timeout: 30_000, waiting: "finish" },
      { timeout: 30_000, waiting: "reject" },
      { timeout: 5, waiting: "finish" },
    ]);
  });

  test("is checked as every other option", () => {
    expect(() => resolveClose({ timeout: -1 })).toThrow(
      `Expected \`timeout\` to be ${DURATION}, received -1`,
    );
    expect(() => resolveClose({ waiting: "kill" } as never)).toThrow(
      'Expected `waiting` to be "finish" or "reject", received "kill"',
    );
    expect(() => resolveClose({ timout: 1 } as never)).toThrow("did you mean timeout?");
    expect(() => resolveClose(5_000 as never)).toThrow(
      "Expected `options` to be an object, received 5000 (number)",
    );
  });
});

describe("a new size", () => {
  test("is checked as `maxWorkers` is", () => {
    expect(resolveNewSize(3)).toBe(3);
    expect(() => resolveNewSize(0)).toThrow(
      new RangeError("Expected `maxWorkers` to be an integer of at least 1, received 0"),
    );
    expect(() => resolveNewSize(1.5)).toThrow(RangeError);
    expect(() => resolveNewSize("3" as never)).toThrow(TypeError);
  });
});
