/** One call for each item of an iterable. */
import {
  assert,
  assertEqual,
  type ContractCase,
  pause,
  rejection,
  until,
  within,
  withPool,
} from "../contract-case.ts";

/** An endless source of argument lists that records how many were taken and whether it was ended. */
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
    name: "map: with `settled` each item has an outcome with its index, and its errors end nothing",
    async run(subject) {
      for (const chunk of [1, 3]) {
        await withPool(subject, { maxWorkers: 2 }, async (pool) => {
          const items = [[1, 2], "no list", [3, 4], [() => {}, 0], [5, 6]] as [number, number][];
          const outcomes: unknown[] = [];
          for await (const item of pool.map("add", items, { settled: true, chunk })) {
            assertEqual(item.index, outcomes.length, "index");
            outcomes.push(item.status === "fulfilled" ? item.value : (item.reason as Error).name);
          }
          // What can't be sent fails with its chunk.
          const other = chunk === 1 ? 11 : "SerializationError";
          assertEqual(outcomes, [3, "TypeError", 7, "SerializationError", other], `chunks of ${chunk}`);
        });
      }
    },
  },
  {
    name: "map: each error of the AggregateError says which item it is about",
    async run(subject) {
      for (const chunk of [1, 4]) {
        await withPool(subject, { maxWorkers: 2 }, async (pool) => {
          const items = [["ok"], [new Error("b")], ["ok"], [new Error("d")], [new Error("e")]] as [unknown][];
          const options = { stopOnError: false, ordered: false, chunk };
          const ending = (async () => {
            for await (const _ of pool.map("failWhen", items, options));
          })();
          const { errors } = (await rejection(ending, "AggregateError")) as unknown as AggregateError;
          const places = errors.map(({ index, message }) => `${index} ${message}`).sort();
          assertEqual(places, ["1 b", "3 d", "4 e"], "errors");
        });
      }
    },
  },
  {
    name: "map: taken for an array, it says how it is iterated",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const results = (await pool.map("add", [[1, 2]])) as unknown as Iterable<number>;
        for (const use of [() => [...results], () => Promise.all(results), () => Array.from(results)]) {
          const error = await rejection((async () => use())(), "TypeError");
          assert(error.message.includes("Array.fromAsync"), `Expected what to do, received ${error.message}`);
        }
        const { fromAsync } = Array as unknown as { fromAsync(items: object): Promise<unknown[]> };
        assertEqual(await fromAsync.call(Array, pool.map("add", [[1, 2]])), [3], "results");
      }),
  },
  {
    name: "map: gives the results in the order of the items, or as they arrive",
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
    name: "map: takes no more items than are under way: a slow consumer pauses the source",
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
  {
    name: "map: gives all of very many items, of one chunk or of as many calls at once",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const [count, chunk, ordered] of [
          [200_000, 200_000, true],
          [200_000, 150_000, false],
          [10_000, 1, true],
          [10_000, 1, false],
        ] as const) {
          const items = Array.from({ length: count }, (_, i): [number, number] => [i, 1]);
          let [sum, results] = [0, 0];
          for await (const result of pool.map("add", items, { chunk, ordered, concurrency: 200_000 })) {
            sum += result;
            results++;
          }
          assertEqual([results, sum], [count, (count * (count + 1)) / 2], `results of chunks of ${chunk}`);
        }
      }),
  },
  {
    name: "map: with chunk an item that is not an argument list fails alone",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const chunk of [1, 2, 3]) {
          const items = [["a"], "bc", ["d"], undefined, ["e"], ["f"]] as [string][];
          const results: unknown[] = [];
          const all = async () => {
            const map = pool.map("echo", items, { stopOnError: false, chunk });
            for await (const result of map) results.push(result);
          };
          const { errors } = (await rejection(all(), "AggregateError")) as unknown as AggregateError;
          assertEqual(
            [results, errors.map(({ name }) => name)],
            [
              ["a", "d", "e", "f"],
              ["TypeError", "TypeError"],
            ],
            "results and errors",
          );
        }
      }),
  },
  {
    name: "map: breaking out does not wait for a source that has nothing to give",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        for (const chunk of [1, 2]) {
          async function* stuck(): AsyncGenerator<[number, number]> {
            for (let i = 0; i < chunk; i++) yield [i, 1];
            await new Promise(() => {});
          }
          const leave = async () => {
            for await (const _ of pool.map("add", stuck(), { chunk })) break;
          };
          await within(subject.runtime, 20_000, leave(), "a break");
        }
      }),
  },
  ...(["wait", "block"] as const).map(
    (name): ContractCase => ({
      name: `map: breaking out of a chunk stops it between two items, and keeps the worker (${name})`,
      run: (subject) =>
        withPool(subject, { maxWorkers: 1, killTimeout: 100_000 }, async (pool) => {
          const before = await pool.run("pid");
          const items = Array.from({ length: 1_000 }, (): [number] => [100]);
          const giveUp = new AbortController();
          const { signal } = giveUp;
          const iterator = pool.map(name, items, { chunk: 1_000, signal })[Symbol.asyncIterator]();
          const first = rejection(iterator.next(), "AbortError");
          await until(subject.runtime, () => pool.stats().running > 0, "the chunk to run");
          await pause(subject.runtime, 150); // time for some of its items
          giveUp.abort();
          await first;
          const after = within(subject.runtime, 50_000, pool.run("pid"), "the worker to be free");
          assertEqual(await after, before, "pid");
        }),
    }),
  ),
  {
    name: "map: ends with its last result and removes its listener from the signal; one that is never read adds none",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const { signal } = new AbortController();
        let listeners = 0;
        const { addEventListener: add, removeEventListener: remove } = signal;
        signal.addEventListener = (...args: Parameters<typeof add>) => {
          listeners++;
          add.apply(signal, args);
        };
        signal.removeEventListener = (...args: Parameters<typeof remove>) => {
          listeners--;
          remove.apply(signal, args);
        };
        const items = Array.from({ length: 10 }, (_, i): [number, number] => [i, 1]);
        pool.map("add", items, { signal });
        assertEqual(listeners, 0, "listeners of a map that nothing was asked of");
        const map = pool.map("add", items, { signal });
        await map.next();
        assertEqual(listeners, 1, "listeners of a map under way");
        for await (const _ of map) assert(listeners <= 1, "Expected one listener at most");
        assertEqual(listeners, 0, "listeners of a map that is over");
        for await (const _ of pool.map("add", items, { signal })) break;
        assertEqual(listeners, 0, "listeners of a map that was left");
      }),
  },
];
