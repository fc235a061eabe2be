/** What a worker has finished is delivered, though it has not left its process when that dies, blocks, or is out of time. */
import { describe, expect, it } from "vitest";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { task } from "../../src/worker/index.ts";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, outcomeOf, poolScene, watched } from "../support/pool-scene.ts";

endPoolsAfterEach();

/** So long the bytes of a worker wait in it, in ms: longer than it takes to look into its journal. */
const SLOW = 500;
const SIGKILL = { code: null, signal: "SIGKILL" } as const;

/** A pool whose workers are ready, and whose channel is slow from then on for what they answer. */
async function slowScene(options: PoolOptions = {}, tasks: object = {}) {
  const scene = poolScene({ minWorkers: 1, maxWorkers: 1, ...options }, tasks);
  scene.runtime.script.sendsAfter = SLOW;
  await scene.clock.advance(3 * SLOW);
  await scene.pool.ready();
  const die = async () => {
    scene.runtime.alive[0]?.end(SIGKILL);
    await settled();
  };
  return { ...scene, die };
}

const some = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("a worker that dies", () => {
  it.each<[string, number, PoolOptions]>([
    ["one call", 1, {}],
    ["several, one after another", 8, { prefetch: 8 }],
    ["several at once", 8, { concurrentTasksPerWorker: 8 }],
    ["more than its journal takes by writes", 400, { prefetch: 400 }],
  ])("has delivered what it has finished of %s", async (_, count, options) => {
    const { pool, die } = await slowScene(options);
    const calls = some(count).map((n) => outcomeOf(pool.run("add", [n, 1])));
    await settled();
    await die();
    const outcomes = await Promise.all(calls.slice(0, count));
    expect(outcomes).toEqual(some(count).map((n) => ({ value: n + 1 })));
  });

  it("has not delivered what it had begun and not finished, and only that rejects", async () => {
    const { pool, clock, die } = await slowScene({ prefetch: 8 });
    const before = some(3).map((n) => outcomeOf(pool.run("add", [n, 1])));
    const begun = outcomeOf(pool.run("wait"));
    const behind = some(3).map((n) => outcomeOf(pool.run("add", [n, 2])));
    await settled();
    await die();
    expect(await Promise.all(before)).toEqual([1, 2, 3].map((value) => ({ value })));
    expect(await begun).toEqual({ error: "ERR_WORKER_EXIT" });
    await clock.advance(10 * SLOW);
    expect(await Promise.all(behind)).toEqual([2, 3, 4].map((value) => ({ value })));
  });

  it("has delivered a thrown error, too", async () => {
    const fail = () => {
      throw Object.assign(new Error("mine"), { code: "E_MINE" });
    };
    const { pool, die } = await slowScene({}, { fail });
    const call = outcomeOf(pool.run("fail"));
    await settled();
    await die();
    expect(await call).toEqual({ error: "E_MINE" });
  });

  it("has delivered the progress of a task that was not finished", async () => {
    const emitting = () => {
      for (const value of ["a", { b: 1 }, "c"]) task().emit(value);
      return new Promise(() => {});
    };
    const { pool, die } = await slowScene({}, { emitting });
    const progress: unknown[] = [];
    const call = outcomeOf(pool.run("emitting", [], { onProgress: (value) => progress.push(value) }));
    await settled();
    expect(progress).toEqual([]);
    await die();
    expect([await call, progress]).toEqual([{ error: "ERR_WORKER_EXIT" }, ["a", { b: 1 }, "c"]]);
  });

  it("has said what it dies of", async () => {
    const { runtime, pool } = await slowScene();
    const call = pool.run("wait").catch((error) => error);
    await settled();
    runtime.alive[0]?.throwUncaught(new RangeError("mine"));
    expect(await call).toMatchObject({
      code: "ERR_WORKER_EXIT",
      cause: { name: "RangeError", message: "mine" },
    });
  });

  it("is read though somebody has removed its journal's name", async () => {
    const { runtime, pool, die } = await slowScene();
    const call = pool.run("add", [1, 2]);
    await settled();
    for (const path of runtime.openFiles) if (path.includes("journal")) runtime.removeFile(path);
    await die();
    expect(await call).toBe(3);
  });

  it("has lost what no journal has: the control", async () => {
    const { runtime, pool, die } = await slowScene();
    const call = outcomeOf(pool.run("add", [1, 2]));
    await settled();
    for (const path of runtime.openFiles) if (path.includes("journal")) runtime.files.get(path)?.truncate(4);
    await die();
    expect(await call).toEqual({ error: "ERR_WORKER_EXIT" });
  });
});

describe("a worker that lives and sends nothing", () => {
  it("has what it has finished delivered soon, once, and its later calls too", async () => {
    const { pool, clock, listen } = await slowScene({ prefetch: 8 });
    const told = listen("exit");
    for (let round = 0; round < 5; round++) {
      const calls = some(4).map((n) => pool.run("add", [n, round]));
      const from = clock.now;
      await clock.advance(20);
      expect(await Promise.all(calls)).toEqual(some(4).map((n) => n + round));
      expect(clock.now - from).toBeLessThan(SLOW);
    }
    await clock.advance(5 * SLOW); // what was read early comes by the channel as well
    expect(await Promise.race([pool.run("add", [1, 2]), clock.advance(SLOW).then(() => "late")])).toBe(3);
    expect([told, pool.stats().restarts]).toEqual([[], 0]);
  });

  it("has what it has finished delivered while the next task keeps it", async () => {
    const { pool, clock } = await slowScene({ prefetch: 8 });
    const call = watched(pool.run("add", [1, 2]));
    outcomeOf(pool.run("wait"));
    await clock.advance(20);
    expect(call.isSettled).toBe(true);
  });

  it("has it delivered before its time is called over", async () => {
    const { pool, clock } = await slowScene();
    const calls = [1, 4, 8].map((timeout) => outcomeOf(pool.run("add", [timeout, 1], { timeout })));
    await clock.advance(40);
    expect(await Promise.all(calls)).toEqual([2, 5, 9].map((value) => ({ value })));
  });

  it("is out of time where it has not finished: the control", async () => {
    const { pool, clock } = await slowScene({ killTimeout: 10 });
    const call = outcomeOf(pool.run("wait", [], { timeout: 25 }));
    await clock.advance(25);
    expect(await call).toEqual({ error: "ERR_TASK_TIMEOUT" });
  });

  it("does not lose the time of a call that it has not begun", async () => {
    const { pool, clock } = await slowScene({ prefetch: 8, killTimeout: 2_000 });
    const abort = new AbortController();
    const first = outcomeOf(pool.run("untilAborted", [], { signal: abort.signal }));
    await clock.advance(1);
    const second = watched(pool.run("add", [1, 2], { timeout: 30 }));
    await clock.advance(60);
    expect(second.isSettled).toBe(false);
    abort.abort();
    await first;
    await clock.advance(60);
    expect(second.isSettled).toBe(true);
  });
});
