/** How much may wait, and when it is told that nothing does. */
import { describe, expect, it } from "vitest";
import type { RunOptions } from "../../src/options/call-options.ts";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, outcomeOf, poolScene } from "../support/pool-scene.ts";

endPoolsAfterEach();

/** Accepted calls of so many, all made at once. */
async function accepted(pool: ReturnType<typeof poolScene>["pool"], count: number, options: RunOptions) {
  const rejected: unknown[] = [];
  for (let n = 0; n < count; n++) pool.run("wait", [], options).catch((error) => rejected.push(error.code));
  await settled();
  return count - rejected.filter((code) => code === "ERR_QUEUE_FULL").length;
}

describe("maxQueue", () => {
  const rows = [1, 2, 3].flatMap((concurrency) =>
    [0, 1, 2, 5].map((maxQueue) => ({ concurrency, maxQueue })),
  );

  it.each(rows)(
    "holds for the calls of one key while its worker starts, and after: %o",
    async ({ concurrency, maxQueue }) => {
      const options = { maxWorkers: 4, concurrentTasksPerWorker: concurrency, maxQueue, prefetch: 0 };
      const starting = poolScene(options);
      expect(await accepted(starting.pool, 20, { key: "a" })).toBe(concurrency + maxQueue);
      const ready = poolScene({ ...options, minWorkers: 4 });
      await ready.pool.ready();
      expect(await accepted(ready.pool, 20, { key: "a" })).toBe(concurrency + maxQueue);
    },
  );

  it("of one key that is full rejects no other call while capacity is free", async () => {
    const { pool } = poolScene({ maxWorkers: 4, maxQueue: 1, prefetch: 0 });
    expect(await accepted(pool, 9, { key: "a" })).toBe(2);
    expect(await accepted(pool, 1, { key: "b" })).toBe(1);
    expect(await accepted(pool, 2, {})).toBe(2);
  });

  it("is looked at before the arguments are, which may take long to encode", async () => {
    const { pool } = poolScene({ maxWorkers: 1, maxQueue: 0, prefetch: 0 });
    let reads = 0;
    const argument = () => ({
      get costly() {
        return ++reads;
      },
    });
    const calls: (() => Promise<unknown>)[] = [
      () => pool.run("wait", [argument()]),
      () => pool.stream("wait", [argument()]).next(),
      () => pool.map("wait", [[argument()]]).next(),
      () => pool.map("wait", [[argument()], [argument()]], { chunk: 2 }).next(),
    ];
    pool.run("wait", [argument()]).catch(() => {});
    expect(reads).toBeGreaterThan(0);
    reads = 0;
    for (const call of calls) expect(await outcomeOf(call())).toEqual({ error: "ERR_QUEUE_FULL" });
    expect(reads).toBe(0);
  });

  it("holds for calls without a key while workers start", async () => {
    const { pool } = poolScene({ maxWorkers: 3, maxQueue: 2, prefetch: 0 });
    expect(await accepted(pool, 20, {})).toBe(5);
  });
});

describe("drain", () => {
  const scene = async (options: PoolOptions = {}) => {
    const { pool, clock, listen } = poolScene({
      maxWorkers: 1,
      maxQueue: 2,
      prefetch: 0,
      killTimeout: 50,
      ...options,
    });
    const told = listen("needsDrain", "drain");
    await pool.run("add", [1, 2]);
    outcomeOf(pool.run("wait"));
    await settled();
    return { pool, clock, names: () => told.map(({ name }) => name) };
  };

  it.each<[string, PoolOptions]>([
    ["in the pool", { prefetch: 0 }],
    ["ahead in their worker", { prefetch: 2 }],
  ])("comes when the last calls that wait %s are aborted, and not before", async (_, options) => {
    const { pool, names } = await scene(options);
    const aborts = [1, 2].map(() => new AbortController());
    const calls = aborts.map(({ signal }) => outcomeOf(pool.run("wait", [], { signal })));
    expect([names(), pool.needsDrain]).toEqual([["needsDrain"], true]);
    aborts[0]?.abort();
    expect(names()).toEqual(["needsDrain"]);
    aborts[1]?.abort();
    expect([names(), pool.needsDrain]).toEqual([["needsDrain", "drain"], false]);
    await Promise.all(calls);
    await settled();
    expect(names()).toEqual(["needsDrain", "drain"]);
  });

  it("comes when the last calls that wait outwait their queueTimeout", async () => {
    const { pool, clock, names } = await scene();
    const calls = [20, 30].map((queueTimeout) => outcomeOf(pool.run("wait", [], { queueTimeout })));
    await clock.advance(29);
    expect(names()).toEqual(["needsDrain"]);
    await clock.advance(1);
    expect(names()).toEqual(["needsDrain", "drain"]);
    expect(await Promise.all(calls)).toEqual(calls.map(() => ({ error: "ERR_QUEUE_TIMEOUT" })));
  });

  it("comes again after it was full again", async () => {
    const { pool, clock, names } = await scene();
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 2; n++) outcomeOf(pool.run("wait", [], { queueTimeout: 10 }));
      await clock.advance(10);
    }
    expect(names()).toEqual(["needsDrain", "drain", "needsDrain", "drain", "needsDrain", "drain"]);
  });

  it("does not come while one of another key, or a retry, still waits", async () => {
    const { pool, clock, names } = await scene();
    const abort = new AbortController();
    outcomeOf(pool.run("wait", [], { signal: abort.signal }));
    outcomeOf(pool.run("wait", [], { key: "a", queueTimeout: 40 }));
    abort.abort();
    await settled();
    expect(names()).toEqual(["needsDrain"]);
    await clock.advance(40);
    expect(names()).toEqual(["needsDrain", "drain"]);
  });
});

describe("what was sent ahead and is aborted", () => {
  it.each([1, 2, 5])("is no longer counted as waiting, nor as running: %i of them", async (count) => {
    const { pool } = poolScene({ maxWorkers: 1, prefetch: 8, killTimeout: 50 });
    await pool.run("add", [1, 2]);
    outcomeOf(pool.run("wait"));
    await settled();
    const abort = new AbortController();
    const calls = Array.from({ length: count }, () =>
      outcomeOf(pool.run("add", [1, 2], { signal: abort.signal })),
    );
    const waiting = pool.run("wait");
    outcomeOf(waiting);
    await settled();
    expect(pool.stats()).toMatchObject({ pending: count + 2, queued: count + 1, running: 1 });
    abort.abort();
    expect(pool.stats()).toMatchObject({ pending: 2, queued: 1, running: 1, failed: count });
    await Promise.all(calls);
    await settled();
    expect(pool.stats()).toMatchObject({ pending: 2, queued: 1, running: 1 });
  });
});
