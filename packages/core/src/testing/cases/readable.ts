/**
 * Streams as arguments: they may fail before they are read, and emit an `error` event, which ends the host unless it is
 * handled. The test runner reports such an end as a failure.
 */
import { createReadStream } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import {
  assert,
  assertEqual,
  type ContractCase,
  pause,
  rejection,
  type Subject,
  until,
  withPool,
} from "../contract-case.ts";

type Numbers = AsyncIterable<number>;

/** Yields nothing; fails some turns after it was destroyed. */
function failingLate(): Readable {
  return new Readable({
    objectMode: true,
    read() {},
    destroy: (error, done) => setImmediate(() => done(error ?? new Error("late"))),
  });
}

const failure = (): Error => Object.assign(new RangeError("mine"), { code: "E_MINE" });

/** Time for what a stream emits after its call has settled. */
async function isOver({ runtime }: Subject, ...readables: readonly Readable[]): Promise<void> {
  for (const readable of readables) {
    await until(runtime, () => readable.destroyed && readable.closed, "the stream to be destroyed");
  }
  await pause(runtime, 10);
}

export const readableCases: readonly ContractCase[] = [
  {
    name: "readable argument: one that fails before it is read rejects its call",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const before = await pool.run("pid");
        const missing = () => createReadStream("/no/such/file") as unknown as Numbers;
        await rejection(pool.run("total", [missing()]), "ENOENT"); // while its worker is found
        await rejection(pool.run("totalLater", [100, missing()]), "ENOENT"); // while it runs
        const items = async () => {
          for await (const _ of pool.stream("double", [missing()])) assert(false, "Expected no item");
        };
        await rejection(items(), "ENOENT");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "readable argument: one that fails while its call waits rejects it at once, with that very error",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        await pool.run("nothing");
        const giveUp = new AbortController();
        const busy = rejection(pool.run("untilAborted", [], { signal: giveUp.signal }), "AbortError");
        const readables = [failingLate(), new PassThrough({ objectMode: true })];
        const calls = readables.map((readable) => rejection(pool.run("total", [readable]), "E_MINE"));
        const waiting = pool.run("add", [1, 2]);
        const errors = readables.map(failure);
        for (const [i, readable] of readables.entries()) readable.destroy(errors[i]);
        const rejected = await Promise.all(calls);
        assert(
          rejected.every((error, i) => error === errors[i]),
          "Expected the very errors of the streams",
        );
        assertEqual(pool.stats().queued, 1, "calls that wait");
        giveUp.abort();
        assertEqual(await waiting, 3, "the call behind them");
        await busy;
        await isOver(subject, ...readables);
      }),
  },
  {
    name: "readable argument: one that was not read is destroyed when its call has settled, and its error is handled",
    run: async (subject) => {
      const kept = failingLate();
      await withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const [aborted, waited, unread, closed] = [
          failingLate(),
          failingLate(),
          failingLate(),
          failingLate(),
        ];
        await pool.run("echo", ["warm"]);
        const giveUp = new AbortController();
        const busy = rejection(pool.run("untilAborted", [], { signal: giveUp.signal }), "AbortError");
        const first = rejection(pool.run("total", [aborted], { signal: giveUp.signal }), "AbortError");
        const second = rejection(pool.run("total", [waited], { queueTimeout: 20 }), "ERR_QUEUE_TIMEOUT");
        await second;
        giveUp.abort();
        await Promise.all([busy, first]);
        await pool.run("pid", [unread] as never); // which ignores it
        await isOver(subject, aborted, waited, unread);
        const last = rejection(pool.run("total", [closed]), "ERR_POOL_CLOSED");
        const another = rejection(pool.run("total", [kept]), "ERR_POOL_CLOSED");
        await pool.terminate();
        await Promise.all([last, another]);
        await isOver(subject, closed);
      });
      await isOver(subject, kept);
    },
  },
  {
    name: "readable argument: that of a rejected call is released",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, maxQueue: 0 }, async (pool) => {
        const beside = failingLate();
        await rejection(pool.run("total", [beside, (() => {}) as never]), "ERR_SERIALIZATION");
        const busy = rejection(pool.run("wait", [60_000]), "ERR_POOL_CLOSED");
        const full = failingLate();
        await rejection(pool.run("total", [full]), "ERR_QUEUE_FULL");
        const given = failingLate();
        await rejection(pool.run("total", [given], { timeout: -1 }), "RangeError");
        const late = failingLate();
        await rejection(pool.run("total", [late], { signal: AbortSignal.abort() }), "AbortError");
        const twice = failingLate();
        await rejection(pool.run("total", [twice], { retries: 1 }), "TypeError");
        const streamed = failingLate();
        await rejection(pool.stream("double", [streamed], { timeout: -1 }).next(), "RangeError");
        const broadcast = failingLate();
        await rejection(pool.broadcast("total", [broadcast]), "ERR_SERIALIZATION");
        await pool.terminate();
        await busy;
        const missing = createReadStream("/no/such/file");
        await rejection(pool.run("total", [missing as unknown as Numbers]), "ERR_POOL_CLOSED");
        await isOver(subject, full, beside, given, late, twice, streamed, broadcast, missing);
      }),
  },
  {
    name: "readable argument: one that fails behind some items fails the loop that reads it, and the worker goes on",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const before = await pool.run("pid");
        for (const count of [1, 20]) {
          const readable = new PassThrough({ objectMode: true });
          const items: unknown[] = [];
          const all = async () => {
            for await (const item of pool.stream("double", [readable as Numbers])) {
              if (items.push(item) === count) readable.destroy(failure());
            }
          };
          for (let i = 1; i <= count; i++) readable.write(i);
          await rejection(all(), "E_MINE");
          assertEqual(
            items,
            Array.from({ length: count }, (_, i) => 2 * (i + 1)),
            "items",
          );
        }
        const whole = Readable.from([1, 2, 3]);
        assertEqual(await pool.run("total", [whole]), 6, "sum");
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "readable argument: one that waits for data is destroyed when its call is aborted",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1, killTimeout: 100_000 }, async (pool) => {
        const before = await pool.run("pid");
        const readable = failingLate();
        await rejection(pool.run("total", [readable], { timeout: 100 }), "ERR_TASK_TIMEOUT");
        await isOver(subject, readable);
        assertEqual(await pool.run("pid"), before, "pid");
      }),
  },
  {
    name: "readable argument: a web stream fails its call as well, and is cancelled where it was not read",
    run: (subject) =>
      withPool(subject, { maxWorkers: 1 }, async (pool) => {
        const web = (start?: (control: ReadableStreamDefaultController<number>) => void) => {
          const seen = { isCancelled: false };
          const cancel = () => {
            seen.isCancelled = true;
          };
          const stream = new ReadableStream<number>({ ...(start && { start }), cancel });
          return { stream: stream as unknown as Numbers, seen };
        };
        const failed = web((control) => control.error(failure())).stream;
        await rejection(pool.run("total", [failed]), "E_MINE");
        const giveUp = new AbortController();
        const busy = rejection(pool.run("untilAborted", [], { signal: giveUp.signal }), "AbortError");
        let fail: () => void = () => {};
        const waiting = web((control) => {
          fail = () => control.error(failure());
        }).stream;
        const call = rejection(pool.run("total", [waiting]), "E_MINE");
        fail();
        const unread = web();
        await rejection(pool.run("total", [unread.stream], { queueTimeout: 20 }), "ERR_QUEUE_TIMEOUT");
        await until(subject.runtime, () => unread.seen.isCancelled, "the stream to be cancelled");
        giveUp.abort();
        await Promise.all([busy, call]);
      }),
  },
];
