/** Calls that go well, and calls whose task throws. */
import { assert, assertEqual, type ContractCase, rejection, withPool } from "../contract-case.ts";

export const runCases: readonly ContractCase[] = [
  {
    name: "run: resolves with the result of a sync and of an async function",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        assertEqual(await pool.run("add", [1, 2]), 3, "sync");
        assertEqual(await pool.run("addLater", [3, 4]), 7, "async");
        assertEqual(await pool.proxy.add(5, 6), 11, "proxy");
        assertEqual(await pool.run("nothing"), undefined, "no result");
      }),
  },
  {
    name: "run: what the task throws arrives as itself: class, name, message, stack, code, properties, cause",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const error = await rejection(pool.run("failWhole"), "E_CUSTOM");
        assert(error instanceof RangeError, "Expected a RangeError");
        assertEqual([error.name, error.message], ["CustomError", "out of range"], "name and message");
        assert(
          error.stack?.includes("failWhole") === true,
          `Expected the worker's stack, received ${error.stack}`,
        );
        const details = error.details as { at: Date; list: number[] };
        assertEqual([details.at.getTime(), details.list], [0, [1, 2]], "own properties");
        const cause = error.cause as TypeError;
        assert(cause instanceof TypeError, "Expected the cause to be a TypeError");
        assertEqual([cause.message, cause.cause], ["inner", "innermost"], "cause");
      }),
  },
  {
    name: "run: a thrown value that is not an error arrives as that value",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const value of ["text", undefined, null, 0, { code: 5 }]) {
          const thrown = await pool.run("throwValue", [value]).then(
            () => "resolved",
            (error: unknown) => error,
          );
          assertEqual(thrown, value, "thrown");
        }
      }),
  },
  {
    name: "run: an error with a part that can't cross still arrives, with a note in its place",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const error = await rejection(pool.run("failUnclonable"), "Error");
        assertEqual([error.message, error.status], ["with a function", 5], "error");
        assert(
          String(error.onDone).includes("can't cross"),
          `Expected a note, received ${String(error.onDone)}`,
        );
      }),
  },
  {
    name: "run: an unknown name rejects with the known ones, and the worker serves on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const untyped = pool as unknown as { run(name: string): Promise<unknown> };
        const before = await pool.run("pid");
        for (const name of ["ad", "setup", "teardown", "toString", "__proto__", ""]) {
          const error = await rejection(untyped.run(name), "ERR_UNKNOWN_TASK");
          assert(error.message.includes("addLater"), `Expected the known names in: ${error.message}`);
        }
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "run: an argument or a result that can't cross rejects that call alone, and says where it is",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const before = await pool.run("pid");
        const badArgument = await rejection(pool.run("echo", [{ list: [1, () => {}] }]), "ERR_SERIALIZATION");
        assertEqual(badArgument.path, "args[0].list[1]", "path");
        const badResult = await rejection(pool.run("unclonable"), "ERR_SERIALIZATION");
        assertEqual(badResult.path, "result.nested[0]", "path");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "run: a thenable is awaited as a promise is, whatever rules it breaks",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (let round = 0; round < 3; round++) assertEqual(await pool.run("thenable"), 5, "result");
      }),
  },
  {
    name: "run: a result leaves before the next task of the same worker begins",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 2 }, async (pool) => {
        await pool.run("nothing");
        const [sum, exit] = await Promise.allSettled([pool.run("add", [1, 2]), pool.run("exit", [0])]);
        assertEqual([sum.status, exit.status], ["fulfilled", "rejected"], "outcomes");
      }),
  },
  {
    name: "task(): knows its id, its worker and its signal, across awaits and beside others",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 3 }, async (pool) => {
        const results = await Promise.all([1, 2, 3].map(() => pool.run("meAfter", [30])));
        for (const [before, after] of results) assertEqual(after, before, "id after an await");
        assertEqual(new Set(results.map(([id]) => id)).size, 3, "different ids");
        assertEqual((await pool.run("me")).workerId, 1, "workerId");
      }),
  },
  {
    name: "run: from within another call's continuation works, and 10,000 at once settle",
    run: (subject) =>
      withPool(subject, { maxWorkers: 2 }, async (pool) => {
        const chained = pool.run("add", [1, 1]).then((two) => pool.run("add", [two, 1]));
        assertEqual(await chained, 3, "chained");
        const calls = Array.from({ length: 10_000 }, (_, i) => pool.run("add", [i, 1]));
        const results = await Promise.all(calls);
        assert(
          results.every((result, i) => result === i + 1),
          "Expected each call its own result",
        );
      }),
  },
];
