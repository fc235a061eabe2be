import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_TIMER_MS } from "../../src/port/runtime.ts";
import { runs } from "../support/effort.ts";
import { COUNT, DURATION, POOL_OPTIONS, resolve } from "../support/options.ts";

describe("an option that is wrong", () => {
  test.each<[unknown, new (message: string) => Error, string]>([
    [null, TypeError, "Expected `options` to be an object, received null"],
    ["fast", TypeError, 'Expected `options` to be an object, received "fast"'],
    [[], TypeError, "Expected `options` to be an object, received an array"],
    [() => {}, TypeError, "Expected `options` to be an object, received a function"],
    [{ minWorkers: "2" }, TypeError, 'Expected `minWorkers` to be an integer of at least 0, received "2"'],
    [{ minWorkers: -1 }, RangeError, "Expected `minWorkers` to be an integer of at least 0, received -1"],
    [{ minWorkers: 1.5 }, RangeError, "Expected `minWorkers` to be an integer of at least 0, received 1.5"],
    [{ minWorkers: null }, TypeError, "Expected `minWorkers` to be an integer of at least 0, received null"],
    [{ maxWorkers: 0 }, RangeError, "Expected `maxWorkers` to be an integer of at least 1, received 0"],
    [
      { maxWorkers: Number.NaN },
      RangeError,
      "Expected `maxWorkers` to be an integer of at least 1, received NaN",
    ],
    [
      { maxWorkers: Number.POSITIVE_INFINITY },
      RangeError,
      "Expected `maxWorkers` to be an integer of at least 1, received Infinity",
    ],
    [
      { maxWorkers: 4n },
      TypeError,
      "Expected `maxWorkers` to be an integer of at least 1, received 4 (bigint)",
    ],
    [
      { maxWorkers: {} },
      TypeError,
      "Expected `maxWorkers` to be an integer of at least 1, received an object",
    ],
    [
      { concurrentTasksPerWorker: 0 },
      RangeError,
      "Expected `concurrentTasksPerWorker` to be an integer of at least 1, received 0",
    ],
    [
      { maxQueue: -1 },
      RangeError,
      'Expected `maxQueue` to be an integer of at least 0, "auto", or Infinity, received -1',
    ],
    [
      { maxQueue: 0.5 },
      RangeError,
      'Expected `maxQueue` to be an integer of at least 0, "auto", or Infinity, received 0.5',
    ],
    [
      { maxQueue: "Auto" },
      TypeError,
      'Expected `maxQueue` to be an integer of at least 0, "auto", or Infinity, received "Auto"',
    ],
    [{ spares: -1 }, RangeError, "Expected `spares` to be an integer of at least 0, received -1"],
    [{ spares: null }, TypeError, "Expected `spares` to be an integer of at least 0, received null"],
    [{ hangTimeout: -1 }, RangeError, `Expected \`hangTimeout\` to be ${DURATION}, received -1`],
    [{ hangTimeout: "1s" }, TypeError, `Expected \`hangTimeout\` to be ${DURATION}, received "1s"`],
    [{ recycle: 100 }, TypeError, "Expected `recycle` to be an object, received 100 (number)"],
    [{ recycle: { tasks: -1 } }, RangeError, `Expected \`recycle.tasks\` to be ${COUNT}, received -1`],
    [{ recycle: { tasks: 1.5 } }, RangeError, `Expected \`recycle.tasks\` to be ${COUNT}, received 1.5`],
    [{ recycle: { age: "1h" } }, TypeError, `Expected \`recycle.age\` to be ${DURATION}, received "1h"`],
    [{ recycle: { rss: -1 } }, RangeError, `Expected \`recycle.rss\` to be ${COUNT}, received -1`],
    [
      { recycle: { jitter: 2 } },
      RangeError,
      "Expected `recycle.jitter` to be a number from 0 to 1, received 2",
    ],
    [{ closeOnSignals: "yes" }, TypeError, 'Expected `closeOnSignals` to be true or false, received "yes"'],
    [{ closeOnSignals: 1 }, TypeError, "Expected `closeOnSignals` to be true or false, received 1 (number)"],
    [{ idleTimeout: -1 }, RangeError, `Expected \`idleTimeout\` to be ${DURATION}, received -1`],
    [{ idleTimeout: true }, TypeError, `Expected \`idleTimeout\` to be ${DURATION}, received true (boolean)`],
    [
      { queueTimeout: 2 ** 31 },
      RangeError,
      `Expected \`queueTimeout\` to be ${DURATION}, received 2147483648`,
    ],
    [{ timeout: Number.NaN }, RangeError, `Expected \`timeout\` to be ${DURATION}, received NaN`],
    [
      { timeout: Number.NEGATIVE_INFINITY },
      RangeError,
      `Expected \`timeout\` to be ${DURATION}, received -Infinity`,
    ],
    [{ startTimeout: "30s" }, TypeError, `Expected \`startTimeout\` to be ${DURATION}, received "30s"`],
    [
      { killTimeout: Symbol("a") },
      TypeError,
      `Expected \`killTimeout\` to be ${DURATION}, received Symbol(a) (symbol)`,
    ],
    [{ restart: false }, TypeError, "Expected `restart` to be an object, received false (boolean)"],
    [
      { restart: { intensity: -1 } },
      RangeError,
      "Expected `restart.intensity` to be an integer of at least 0, or Infinity, received -1",
    ],
    [{ restart: { period: -1 } }, RangeError, `Expected \`restart.period\` to be ${DURATION}, received -1`],
    [
      { restart: { backoff: 100 } },
      TypeError,
      "Expected `restart.backoff` to be an object, received 100 (number)",
    ],
    [
      { restart: { backoff: { initial: -1 } } },
      RangeError,
      `Expected \`restart.backoff.initial\` to be ${DURATION}, received -1`,
    ],
    [
      { restart: { backoff: { factor: 0.5 } } },
      RangeError,
      "Expected `restart.backoff.factor` to be a number of at least 1, received 0.5",
    ],
    [
      { restart: { backoff: { factor: Number.NaN } } },
      RangeError,
      "Expected `restart.backoff.factor` to be a number of at least 1, received NaN",
    ],
    [
      { restart: { backoff: { jitter: 1.1 } } },
      RangeError,
      "Expected `restart.backoff.jitter` to be a number from 0 to 1, received 1.1",
    ],
    [{ orphans: "reap" }, TypeError, 'Expected `orphans` to be "auto", "adopt" or "ignore", received "reap"'],
    [
      { orphans: true },
      TypeError,
      'Expected `orphans` to be "auto", "adopt" or "ignore", received true (boolean)',
    ],
    [{ orphans: "" }, TypeError, 'Expected `orphans` to be "auto", "adopt" or "ignore", received ""'],
    [
      { orphans: ["adopt"] },
      TypeError,
      'Expected `orphans` to be "auto", "adopt" or "ignore", received an array',
    ],
    [{ worker: "node" }, TypeError, 'Expected `worker` to be an object, received "node"'],
    [
      { worker: { launcher: "deno" } },
      TypeError,
      'Expected `worker.launcher` to be a launcher, such as `launcher()` of @reapool/deno/launcher, received "deno"',
    ],
    [
      { worker: { launcher: null } },
      TypeError,
      "Expected `worker.launcher` to be a launcher, such as `launcher()` of @reapool/deno/launcher, received null",
    ],
    [
      { worker: { env: ["A=1"] } },
      TypeError,
      "Expected `worker.env` to be an object of strings, received an array",
    ],
    [
      { worker: { env: "A=1" } },
      TypeError,
      'Expected `worker.env` to be an object of strings, received "A=1"',
    ],
    [{ worker: { env: null } }, TypeError, "Expected `worker.env` to be an object of strings, received null"],
    [
      { worker: { env: { PORT: 80 } } },
      TypeError,
      "Expected `worker.env.PORT` to be a string, received 80 (number)",
    ],
    [{ worker: { env: { A: null } } }, TypeError, "Expected `worker.env.A` to be a string, received null"],
    [{ worker: { cwd: "" } }, TypeError, 'Expected `worker.cwd` to be a path, received ""'],
    [{ worker: { cwd: 5 } }, TypeError, "Expected `worker.cwd` to be a path, received 5 (number)"],
    [
      { worker: { execArgv: "--flag" } },
      TypeError,
      'Expected `worker.execArgv` to be an array of strings, received "--flag"',
    ],
    [
      { worker: { argv: ["a", 1] } },
      TypeError,
      "Expected `worker.argv` to be an array of strings, received an array",
    ],
    [
      { worker: { stdout: "pipe" } },
      TypeError,
      'Expected `worker.stdout` to be "inherit", "ignore", "capture" or "chunks", received "pipe"',
    ],
    [
      { worker: { stderr: null } },
      TypeError,
      'Expected `worker.stderr` to be "inherit", "ignore", "capture" or "chunks", received null',
    ],
    [
      { worker: { sigchld: "SIG_IGN" } },
      TypeError,
      'Expected `worker.sigchld` to be "default" or "ignore", received "SIG_IGN"',
    ],
    [
      { worker: { sigchld: null } },
      TypeError,
      'Expected `worker.sigchld` to be "default" or "ignore", received null',
    ],
    [
      { worker: { limits: { memory: -1 } } },
      RangeError,
      `Expected \`worker.limits.memory\` to be ${COUNT}, received -1`,
    ],
    [
      { worker: { limits: { memory: "1g" } } },
      TypeError,
      `Expected \`worker.limits.memory\` to be ${COUNT}, received "1g"`,
    ],
    [
      { worker: { lease: 999 } },
      RangeError,
      "Expected `worker.lease` to be an integer from 1000 to 2147483647, received 999",
    ],
    [
      { worker: { lease: Number.POSITIVE_INFINITY } },
      RangeError,
      "Expected `worker.lease` to be an integer from 1000 to 2147483647, received Infinity",
    ],
    [
      { worker: { lease: "5s" } },
      TypeError,
      'Expected `worker.lease` to be an integer from 1000 to 2147483647, received "5s"',
    ],
    [
      { worker: { niceness: 20 } },
      RangeError,
      "Expected `worker.niceness` to be an integer from -20 to 19, received 20",
    ],
    [
      { worker: { niceness: "low" } },
      TypeError,
      'Expected `worker.niceness` to be an integer from -20 to 19, received "low"',
    ],
    [
      { worker: { umask: 0o1000 } },
      RangeError,
      "Expected `worker.umask` to be an integer from 0 to 511, received 512",
    ],
    [
      { worker: { uid: -1, gid: 0 } },
      RangeError,
      "Expected `worker.uid` to be an integer from 0 to 2147483647, received -1",
    ],
    [
      { worker: { uid: 0, gid: 2 ** 31 } },
      RangeError,
      "Expected `worker.gid` to be an integer from 0 to 2147483647, received 2147483648",
    ],
    [
      { worker: { uid: 5 } },
      TypeError,
      "Expected `worker.uid` and `worker.gid` to be given together, received one of them",
    ],
    [
      { worker: { gid: 5 } },
      TypeError,
      "Expected `worker.uid` and `worker.gid` to be given together, received one of them",
    ],
  ])("%o throws, naming it, what was expected and what came", (input, errorClass, message) => {
    expect(() => resolve(input)).toThrow(new errorClass(message));
    expect(() => resolve(input)).toThrow(errorClass);
  });

  test.each<[unknown, string, string]>([
    [{ maxWorker: 4 }, "maxWorker", "; did you mean maxWorkers?"],
    [{ min_workers: 4 }, "min_workers", "; did you mean minWorkers?"],
    [{ timeOut: 4 }, "timeOut", "; did you mean timeout?"],
    [{ threads: 4 }, "threads", ""],
    [{ restart: { intensty: 4 } }, "restart.intensty", "; did you mean intensity?"],
    [{ restart: { backoff: { minimum: 4 } } }, "restart.backoff.minimum", ""],
    [{ worker: { enviroment: {} } }, "worker.enviroment", "; did you mean env?"],
    [{ worker: { stdOut: "ignore" } }, "worker.stdOut", "; did you mean stdout?"],
    [{ orphan: "adopt" }, "orphan", "; did you mean orphans?"],
    [{ worker: { sigChld: "ignore" } }, "worker.sigChld", "; did you mean sigchld?"],
    [JSON.parse('{"__proto__": 1}'), "__proto__", ""],
    [{ constructor: 1 }, "constructor", ""],
    [{ spare: 1 }, "spare", "; did you mean spares?"],
    [{ hangTimout: 1 }, "hangTimout", "; did you mean hangTimeout?"],
    [{ recycle: { task: 1 } }, "recycle.task", "; did you mean tasks?"],
    [{ worker: { nicenes: 1 } }, "worker.nicenes", "; did you mean niceness?"],
    [{ maxWorker: undefined }, "maxWorker", "; did you mean maxWorkers?"],
  ])(
    "%j throws for a name that does not exist, with those that do and the nearest",
    (input, name, nearest) => {
      let message = "";
      try {
        resolve(input);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        message = (error as Error).message;
      }
      expect(message.startsWith(`Unknown option \`${name}\`: expected one of `)).toBe(true);
      expect(message.slice(message.indexOf(";") === -1 ? message.length : message.indexOf(";"))).toBe(
        nearest,
      );
    },
  );

  test.each<[unknown, string]>([
    [
      { minWorkers: 5, maxWorkers: 4 },
      "Expected `minWorkers` to be at most `maxWorkers`, received minWorkers 5 and maxWorkers 4",
    ],
    [
      { spares: 4, maxWorkers: 4 },
      "Expected `spares` to be less than `maxWorkers`, received spares 4 and maxWorkers 4",
    ],
    [
      { restart: { backoff: { initial: 200, max: 100 } } },
      "Expected `restart.backoff.initial` to be at most `restart.backoff.max`, received initial 200 and max 100",
    ],
  ])("%j throws for a pair that is impossible", (input, message) => {
    expect(() => resolve(input)).toThrow(new RangeError(message));
  });

  test("is told apart from one that is right, for any numbers", () => {
    fc.assert(
      fc.property(
        fc.double(),
        fc.constantFrom("idleTimeout", "timeout", "queueTimeout", "hangTimeout", "killTimeout"),
        (ms, name) => {
          const isRight = (ms >= 0 && ms <= MAX_TIMER_MS) || ms === Number.POSITIVE_INFINITY;
          if (isRight) expect(resolve({ [name]: ms })).toMatchObject({ [name]: ms });
          else expect(() => resolve({ [name]: ms })).toThrow(RangeError);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test("is reported for any value of any option, as a TypeError or a RangeError that names it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...POOL_OPTIONS),
        fc.anything({ withBigInt: true, withNullPrototype: true }),
        (name, value) => {
          try {
            expect(Object.isFrozen(resolve({ [name]: value }))).toBe(true);
          } catch (error) {
            expect(error instanceof TypeError || error instanceof RangeError).toBe(true);
            expect((error as Error).message).toContain(`\`${name}`);
          }
        },
      ),
      { numRuns: runs(1_000) },
    );
  });
});
