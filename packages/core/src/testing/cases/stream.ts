/** Items one by one: out of a generator in a worker, and into a task as an argument that is an async iterable. */
import {
  assert,
  assertEqual,
  type ContractCase,
  type FixturePool,
  rejection,
  until,
  within,
  withPool,
} from "../contract-case.ts";

/** How many items may be sent ahead of the consumer. */
const AHEAD = 16;

/** An endless source that records how many items were taken, and whether it was ended. */
function source(fail?: Error) {
  const seen = { made: 0, isEnded: false };
  async function* numbers(): AsyncGenerator<number> {
    try {
      for (;;) {
        if (fail !== undefined && seen.made === 3) throw fail;
        yield ++seen.made;
      }
    } finally {
      seen.isEnded = true;
    }
  }
  return { seen, items: numbers() };
}

async function taken<T>(items: AsyncIterable<T>, most = Number.POSITIVE_INFINITY): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) if (list.push(item) === most) break;
  return list;
}

/** The items that came before the error, and the error. */
async function failing(pool: FixturePool, name: "countThenFail" | "countThenUnclonable", code: string) {
  const items: unknown[] = [];
  const iterate = async () => {
    for await (const item of pool.stream(name, [20])) items.push(item);
  };
  return { error: await rejection(iterate(), code), items };
}

export const streamCases: readonly ContractCase[] = [
  {
    name: "stream: gives the items of a generator in order, then what it returned, and those of any iterable result",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const stream = pool.stream("count", [100]);
        for (let i = 0; i < 100; i++) {
          assertEqual(await stream.next(), { done: false, value: i }, "item");
        }
        assertEqual(await stream.next(), { done: true, value: "all of them" }, "the end");
        assertEqual(await stream.next(), { done: true }, "after the end");
        assertEqual(await taken(pool.stream("list")), [1, 2, 3], "the items of a list");
        assertEqual(await taken(pool.stream("double", [source().items]), 3), [2, 4, 6], "in and out");
      }),
  },
  {
    name: "stream: a slow consumer pauses the generator, and takes the rest later",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, concurrentTasksPerWorker: 2 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const stream = pool.stream("count", [200, file]);
        for (let i = 0; i < 3; i++) await stream.next();
        for (let i = 0; i < 20; i++) await pool.run("wait", [1]); // turns of its loop, with no item taken
        const made = (await pool.run("readJournal", [file])).length;
        assert(made >= 3 && made <= 3 + AHEAD, `Expected at most ${AHEAD} items ahead, received ${made - 3}`);
        assertEqual((await taken(stream)).length, 197, "the rest");
      }),
  },
  {
    name: "stream: breaking out ends the generator, its finally included, and keeps the worker",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 20_000 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const before = await pool.run("pid");
        assertEqual(await taken(pool.stream("count", [1_000, file]), 3), [0, 1, 2], "items");
        const lines = await pool.run("readJournal", [file]);
        assertEqual(lines.at(-1), "end", "the last line of the generator");
        assert(lines.length <= 4 + AHEAD, `Expected it to stop, received ${lines.length} lines`);
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "stream: an error comes behind the items that were before it, and an item that can't cross is one",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const before = await pool.run("pid");
        const twenty = Array.from({ length: 20 }, (_, i) => i);
        const thrown = await failing(pool, "countThenFail", "RangeError");
        assertEqual([thrown.items, thrown.error.message], [twenty, "no more of them"], "items and error");
        const unsendable = await failing(pool, "countThenUnclonable", "ERR_SERIALIZATION");
        assertEqual(unsendable.items, twenty, "items before one that can't cross");
        assert(
          String(unsendable.error.path).includes("nested"),
          `Expected the place, received ${String(unsendable.error.path)}`,
        );
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "stream: an abort rejects with the reason and ends the generator",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 20_000 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const giveUp = new AbortController();
        const stream = pool.stream("count", [1_000, file], { signal: giveUp.signal });
        await stream.next();
        giveUp.abort(new TypeError("enough"));
        const error = await rejection(taken(stream), "TypeError");
        assertEqual(error.message, "enough", "reason");
        assertEqual((await pool.run("readJournal", [file])).at(-1), "end", "the last line of the generator");
      }),
  },
  {
    name: "stream: the death of its worker rejects, and nothing is lost to the next call",
    run: (subject) =>
      withPool(
        subject,
        { maxWorkers: 1, concurrentTasksPerWorker: 2, worker: { stderr: "ignore" } },
        async (pool) => {
          const stream = pool.stream("count", [1_000]);
          await stream.next();
          const dying = rejection(pool.run("die", ["SIGKILL"]), "ERR_WORKER_EXIT");
          await rejection(taken(stream), "ERR_WORKER_EXIT");
          await dying;
          assertEqual(await taken(pool.stream("list")), [1, 2, 3], "the next stream");
        },
      ),
  },
  {
    name: "iterable argument: is read only as the worker takes it, and ended when the worker breaks out",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const { items, seen } = source();
        assertEqual(await pool.run("total", [items, 5, 100]), 15, "sum");
        assert(
          seen.made >= 5 && seen.made <= 5 + AHEAD,
          `Expected at most ${AHEAD} items ahead, received ${seen.made - 5}`,
        );
        await until(subject.runtime, () => seen.isEnded, "the source to be ended");
      }),
  },
  {
    name: "iterable argument: what the source throws is thrown in the worker where it takes the next item",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const { items, seen } = source(Object.assign(new RangeError("dry"), { code: "E_DRY" }));
        const error = await rejection(pool.run("total", [items]), "E_DRY");
        assert(error instanceof RangeError && seen.isEnded, `Expected the source's error, received ${error}`);
        await rejection(pool.run("total", [source().items], { retries: 1 }), "TypeError");
      }),
  },
  {
    name: "iterable argument: the worker's death and an abort end the source",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 100, worker: { stderr: "ignore" } }, async (pool) => {
        const { runtime } = subject;
        const first = source();
        await rejection(pool.run("dieAfter", [first.items, 3]), "ERR_WORKER_EXIT");
        await within(
          runtime,
          10_000,
          until(runtime, () => first.seen.isEnded, "its end"),
          "its end",
        );
        const second = source();
        const giveUp = new AbortController();
        const call = pool.run("total", [second.items], { signal: giveUp.signal });
        await until(runtime, () => second.seen.made > AHEAD, "some items to be taken");
        giveUp.abort();
        await rejection(call, "AbortError");
        await until(runtime, () => second.seen.isEnded, "the source to be ended");
      }),
  },
  {
    name: "stream: breaking out of one that computes takes effect between two items",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 100_000 }, async (pool, newFolder) => {
        const file = `${await newFolder()}/journal`;
        const before = await pool.run("pid");
        assertEqual(await taken(pool.stream("toilsome", [800, file]), 1), [0], "items");
        const made = (await pool.run("readJournal", [file])).length;
        assert(made < AHEAD / 2, `Expected it to stop soon, received ${made} items`);
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "iterable argument: an abort of the call ends the loop that reads it, and keeps the worker",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 100_000 }, async (pool) => {
        const { runtime } = subject;
        const before = await pool.run("pid");
        const free = () => within(runtime, 50_000, pool.run("pid"), "the worker to be free");
        /** Gives three items and then waits for ever. */
        async function* stuck(): AsyncGenerator<number> {
          yield* [1, 2, 3];
          await new Promise(() => {});
        }
        const giveUp = new AbortController();
        const call = rejection(pool.run("total", [stuck()], { signal: giveUp.signal }), "AbortError");
        await until(runtime, () => pool.stats().running > 0, "the call to run");
        giveUp.abort();
        await call;
        assertEqual(await free(), before, "pid after an abort");
        await rejection(pool.run("total", [stuck()], { timeout: 100 }), "ERR_TASK_TIMEOUT");
        assertEqual(await free(), before, "pid after a timeout");
        const left = within(runtime, 50_000, taken(pool.stream("double", [stuck()]), 1), "a break");
        assertEqual(await left, [2], "items");
        assertEqual(await free(), before, "pid after a break");
      }),
  },
  {
    name: "iterable argument: one that is malformed rejects its call, and its worker goes on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const before = await pool.run("pid");
        const throwing = () => {
          throw new RangeError("can't be opened");
        };
        const steps = (next: () => unknown) => ({ [Symbol.asyncIterator]: () => ({ next }) });
        const bad: [string, unknown][] = [
          [
            "RangeError",
            {
              get [Symbol.asyncIterator]() {
                return throwing();
              },
            },
          ],
          ["RangeError", { [Symbol.asyncIterator]: throwing }],
          ["TypeError", { [Symbol.asyncIterator]: () => ({}) }],
          ["TypeError", { [Symbol.asyncIterator]: () => undefined }],
          ["TypeError", steps(() => 5)],
          ["TypeError", steps(() => undefined)],
          ["RangeError", steps(throwing)],
          [
            "RangeError",
            steps(() => ({
              get done() {
                return throwing();
              },
            })),
          ],
        ];
        for (const [name, items] of bad) {
          await rejection(pool.run("total", [items as AsyncIterable<number>]), name);
        }
        // Without `return`, and left before its end.
        const endless = steps(() => ({ done: false, value: 1 })) as unknown as AsyncIterable<number>;
        assertEqual(await pool.run("total", [endless, 3]), 3, "sum");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
];
