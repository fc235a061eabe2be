/** What a task emits while it runs, and where it is delivered. */
import { assert, assertEqual, type ContractCase, rejection, withPool } from "../contract-case.ts";

export const progressCases: readonly ContractCase[] = [
  {
    name: "progress: reaches the listener of its own task alone, in order and before the call settles",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 3 }, async (pool) => {
        const heard: unknown[][] = [[], []];
        const values = [
          [1, 2n, new Map([["a", 1]]), 4],
          ["a", "b", "c"],
        ];
        const [first] = await Promise.all([
          pool.run("emit", [values[0] as unknown[]], { onProgress: (value) => heard[0]?.push(value) }),
          pool.run("emit", [values[1] as unknown[]], { onProgress: (value) => heard[1]?.push(value) }),
          pool.run("emit", [["nobody listens"]]),
        ]);
        assertEqual(first, 4, "result");
        assertEqual(
          heard.map((list) => list.map(String)),
          values.map((list) => list.map(String)),
          "heard",
        );
        assert(heard[0]?.[2] instanceof Map, "Expected a Map to arrive as one");
      }),
  },
  {
    name: "progress: what is emitted after the end of the task is dropped, and reaches no other task's listener",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const heard: unknown[] = [];
        const onProgress = (value: unknown) => heard.push(value);
        await pool.run("emitAfterwards", ["late", 10], { onProgress });
        await pool.run("wait", [100], { onProgress });
        await pool.run("emit", [["in time"]], { onProgress });
        assertEqual(heard, ["in time"], "heard");
      }),
  },
  {
    name: "progress: a value that can't cross throws in the task, and the worker serves on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const before = await pool.run("pid");
        await rejection(pool.run("emitUnclonable", [], { onProgress: () => {} }), "ERR_SERIALIZATION");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
];
