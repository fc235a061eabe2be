/** One call for each item of an iterable. */
import { assert, assertEqual, type ContractCase, rejection, until, withPool } from "../contract-case.ts";

/** Argument lists, endless, with a count of how many were taken and whether it was ended. */
function pairs() {
  const seen = { taken: 0, isEnded: false };
  function* endless(): Generator<[number, number]> {
    try {
      for (;;) yield [seen.taken++, 1];
    } finally {
      seen.isEnded = true;
    }
  }
  return { seen, items: endless() };
}

const GATED = [
  ["a", "wait"],
  ["b", "pass"],
  ["c", "open"],
  ["d", "pass"],
] as const;

export const mapCases: readonly ContractCase[] = [
  {
    name: "map: gives the results in the order of the items, or each as it is there",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 4 }, async (pool) => {
        for (const ordered of [true, false]) {
          const results: unknown[] = [];
          for await (const result of pool.map("gated", GATED, { ordered })) results.push(result);
          // The first waits for the third.
          assertEqual(results[0], ordered ? "a" : "b", "the first result");
          assertEqual(ordered ? results : results.sort(), ["a", "b", "c", "d"], "results");
          await pool.restart(); // a gate that is closed again
        }
      }),
  },
  {
    name: "map: takes no more items than are under way: a slow consumer stops the source",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const { items, seen } = pairs();
        let results = 0;
        for await (const sum of pool.map("add", items, { concurrency: 4 })) {
          assertEqual(sum, ++results, "result");
          for (let i = 0; i < 3; i++) await pool.run("nothing");
          assert(
            seen.taken <= results + 4,
            `Expected at most 4 items under way, received ${seen.taken - results}`,
          );
          if (results === 20) break;
        }
        assert(seen.isEnded, "Expected breaking out to end the source");
        await until(subject.runtime, () => pool.stats().pending === 0, "nothing to be pending");
      }),
  },
  {
    name: "map: with chunk several items are one call, also of an async iterable",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        async function* hundred() {
          for (let i = 0; i < 100; i++) yield [i, 1] as [number, number];
        }
        const results: number[] = [];
        for await (const sum of pool.map("add", hundred(), { chunk: 16 })) results.push(sum);
        assertEqual(
          results,
          Array.from({ length: 100 }, (_, i) => i + 1),
          "results",
        );
        assertEqual(pool.stats().submitted, 7, "calls");
      }),
  },
  {
    name: "map: the first error ends it and the source, and is thrown",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const chunk of [1, 3]) {
          const seen = { isEnded: false, taken: 0 };
          function* values(): Generator<[unknown]> {
            try {
              for (; ; seen.taken++) yield [seen.taken === 4 ? {} : seen.taken];
            } finally {
              seen.isEnded = true;
            }
          }
          const results: unknown[] = [];
          const all = async () => {
            for await (const sum of pool.map("refuseObjects", values(), { chunk })) results.push(sum);
          };
          const error = await rejection(all(), "TypeError");
          assertEqual([error.message, results], ["an object", [0, 1, 2, 3]], "error and results");
          assert(seen.isEnded && seen.taken < 50, "Expected the source to be ended");
          await until(subject.runtime, () => pool.stats().pending === 0, "nothing to be pending");
        }
      }),
  },
  {
    name: "map: with stopOnError: false it goes on and throws all errors at its end",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const chunk of [1, 3]) {
          const items = [[1], [{}], [2], [{}], [3]] as [unknown][];
          const results: unknown[] = [];
          const all = async () => {
            const map = pool.map("refuseObjects", items, { stopOnError: false, chunk });
            for await (const result of map) results.push(result);
          };
          const error = await rejection(all(), "AggregateError");
          const messages = (error as unknown as AggregateError).errors.map(({ message }) => message);
          assertEqual(
            [results, messages],
            [
              [1, 2, 3],
              ["an object", "an object"],
            ],
            "results and errors",
          );
        }
      }),
  },
];
