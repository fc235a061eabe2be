/** A task that brings its worker to an end costs its own call and no other. */
import { describe, expect, it } from "vitest";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, outcomeOf, poolScene } from "../support/pool-scene.ts";

endPoolsAfterEach();

const EXIT = { error: "ERR_WORKER_EXIT" };

describe("twelve calls that crash their worker, then good ones", () => {
  it.each<PoolOptions>([
    { maxWorkers: 1 },
    { maxWorkers: 1, prefetch: 3 },
    { maxWorkers: 1, prefetch: 0 },
    { maxWorkers: 2 },
    { maxWorkers: 4, minWorkers: 4 },
    { maxWorkers: 3, spares: 1 },
    { maxWorkers: 1, restart: { intensity: 0 } },
  ])(
    "reject each by itself, and none of the good is rejected or waits for a back-off: %o",
    async (options) => {
      const { pool, clock, listen } = poolScene(options);
      const told = listen("broken");
      const crashing = Array.from({ length: 12 }, () => outcomeOf(pool.run("crash")));
      const good = Array.from({ length: 4 }, (_, n) => outcomeOf(pool.run("add", [n, 1])));
      for (let round = 0; round < 30; round++) await clock.advance(1);
      expect(await Promise.all(crashing)).toEqual(crashing.map(() => EXIT));
      expect(await Promise.all(good)).toEqual([1, 2, 3, 4].map((value) => ({ value })));
      expect(told).toEqual([]);
      expect(clock.now).toBe(30);
    },
  );

  it("beside good ones: each worker that dies takes its own calls with it, and what had not begun runs", async () => {
    const { pool, clock } = poolScene({ maxWorkers: 2, concurrentTasksPerWorker: 1, prefetch: 4 });
    const outcomes = Array.from({ length: 40 }, (_, n) =>
      outcomeOf(n % 3 === 0 ? pool.run("crash") : pool.run("add", [n, 0])),
    );
    for (let round = 0; round < 60; round++) await clock.advance(1);
    expect(await Promise.all(outcomes)).toEqual(outcomes.map((_, n) => (n % 3 === 0 ? EXIT : { value: n })));
  });
});

describe("deaths that count", () => {
  const restart = { intensity: 2, period: 60_000, backoff: { initial: 10, max: 10, jitter: 0 } };

  /** Whether the pool was broken by deaths of a worker that nobody was using, each after it had done this. */
  async function breaks(before: (scene: ReturnType<typeof poolScene>) => Promise<unknown>): Promise<boolean> {
    const scene = poolScene(
      { minWorkers: 1, maxWorkers: 1, restart },
      {
        fail: () => {
          throw new Error("mine");
        },
        warm: () => "warm",
      },
    );
    const told = scene.listen("broken");
    for (let round = 0; round < 5; round++) {
      await scene.clock.advance(20);
      if (scene.runtime.alive.length === 0) break;
      await before(scene);
      await settled();
      scene.runtime.alive[0]?.end({ code: 1, signal: null });
      await settled();
    }
    return told.length > 0;
  }

  it.each<[string, boolean, (scene: ReturnType<typeof poolScene>) => Promise<unknown>]>([
    ["idle ones of a worker that has done nothing", true, async () => {}],
    ["idle ones of a worker that has done broadcasts alone", true, ({ pool }) => pool.broadcast("warm")],
    ["none of a worker that has given a result", false, ({ pool }) => pool.run("add", [1, 2])],
    ["none of a worker that has given an error", false, ({ pool }) => outcomeOf(pool.run("fail"))],
    [
      "none during a call",
      false,
      async ({ pool }) => {
        pool.run("wait").catch(() => {});
        await settled();
      },
    ],
  ])("are %s", async (_, isBroken, before) => {
    expect(await breaks(before)).toBe(isBroken);
  });

  it("are idle ones also of a worker that has made what was broadcast to later ones", async () => {
    const { runtime, pool, clock, listen } = poolScene(
      { minWorkers: 1, maxWorkers: 1, restart },
      { warm: () => "warm" },
    );
    const told = listen("broken");
    await pool.broadcast("warm", [], { later: true });
    for (let round = 0; round < 5; round++) {
      await clock.advance(20);
      runtime.alive[0]?.end({ code: 1, signal: null });
      await settled();
    }
    expect(told).toHaveLength(1);
  });

  it("are none that the pool itself has caused while a call ran", async () => {
    const { pool, clock, listen } = poolScene({ maxWorkers: 1, killTimeout: 5, restart: { intensity: 0 } });
    const told = listen("broken", "exit");
    for (let round = 0; round < 4; round++) {
      const abort = new AbortController();
      const call = outcomeOf(
        pool.run("wait", [], round % 2 === 0 ? { timeout: 10 } : { signal: abort.signal }),
      );
      await settled();
      await clock.advance(10);
      abort.abort(Object.assign(new Error("enough"), { code: "E_ENOUGH" }));
      await clock.advance(10);
      expect(await call).toEqual({ error: round % 2 === 0 ? "ERR_TASK_TIMEOUT" : "E_ENOUGH" });
    }
    expect(await pool.run("add", [1, 2])).toBe(3);
    expect(told.map((event) => event.name === "exit" && event.reason)).toEqual([
      "timeout",
      "aborted",
      "timeout",
      "aborted",
    ]);
  });

  it("are none of a task that is made again: it counts its own attempts, and its neighbours are served", async () => {
    const { runtime, pool, clock, listen } = poolScene({ maxWorkers: 1, restart: { intensity: 1 } });
    const told = listen("broken");
    const retries = { limit: 9, when: () => true, backoff: { initial: 1, max: 1, jitter: 0 } };
    const crashing = outcomeOf(pool.run("crash", [], { retries }));
    const good = pool.run("add", [1, 2]);
    await clock.advance(100);
    expect([await crashing, await good, told]).toEqual([EXIT, 3, []]);
    expect(runtime.processes.length).toBeGreaterThanOrEqual(10);
  });
});

describe("an error that nobody catches in a worker", () => {
  const mine = Object.assign(new RangeError("too far"), { code: "E_MINE", place: 7 });
  const isMine = { name: "RangeError", message: "too far", code: "E_MINE", place: 7 };

  it("is the cause of the WorkerExitError of the call that ran", async () => {
    const { pool } = poolScene({ maxWorkers: 1 });
    const error = await pool.run("throwLate", [mine]).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "ERR_WORKER_EXIT", exitCode: 1, task: "throwLate", cause: isMine });
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.message).toContain("uncaught: too far");
    expect(error.message).not.toContain("may be the cause");
  });

  it.each<[string, unknown]>([
    ["a text", "just a text"],
    ["null", null],
    ["an object", { odd: true }],
  ])("may be %s", async (_, thrown) => {
    const { pool } = poolScene({ maxWorkers: 1 });
    await expect(pool.run("throwLate", [thrown])).rejects.toMatchObject({
      code: "ERR_WORKER_EXIT",
      cause: thrown,
    });
  });

  it("is that of each call that had begun, and each is told that it may be another's", async () => {
    const { runtime, pool } = poolScene({ maxWorkers: 1, concurrentTasksPerWorker: 3 });
    await pool.run("add", [1, 2]);
    const calls = [1, 2, 3].map(() => pool.run("wait").catch((thrown) => thrown));
    await settled();
    runtime.alive[0]?.throwUncaught(mine);
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: "ERR_WORKER_EXIT", cause: isMine });
      expect(error.message).toContain("and 2 more: any of these may be the cause");
    }
  });

  it("is told with the exit of a worker that was idle", async () => {
    const { runtime, pool, listen } = poolScene({ maxWorkers: 1 });
    const told = listen("exit");
    await pool.run("add", [1, 2]);
    runtime.alive[0]?.throwUncaught(mine);
    await settled();
    expect(told).toMatchObject([{ reason: "crash", error: { code: "ERR_WORKER_EXIT", cause: isMine } }]);
  });

  it("is no cause where the worker lives on, or dies of something else", async () => {
    const { runtime, pool, listen } = poolScene({ maxWorkers: 1 });
    const told = listen("exit");
    await pool.run("add", [1, 2]);
    runtime.alive[0]?.sayDying(mine); // and somebody in it catches it after all
    await pool.run("add", [1, 2]);
    const call = pool.run("wait").catch((thrown) => thrown);
    await settled();
    runtime.alive[0]?.end({ code: null, signal: "SIGSEGV" });
    const error = await call;
    expect([error.code, "cause" in error, error.message.includes("uncaught")]).toEqual([
      EXIT.error,
      false,
      false,
    ]);
    expect(told).toMatchObject([{ error: { code: EXIT.error, signal: "SIGSEGV" } }]);
    expect("cause" in (told[0] as unknown as { error: object }).error).toBe(false);
  });

  it("is the cause of the WorkerStartError of a worker that never was ready", async () => {
    const { runtime, pool } = poolScene({ maxWorkers: 1 }, { setup: () => new Promise(() => {}) });
    const call = pool.run("add", [1, 2]).catch((thrown) => thrown);
    await settled();
    await settled();
    runtime.alive[0]?.throwUncaught(mine);
    expect(await call).toMatchObject({ code: "ERR_WORKER_START", cause: isMine });
  });

  it("that is too large to be kept is told by its words", async () => {
    const { pool } = poolScene({ maxWorkers: 1 });
    const large = Object.assign(new Error("large"), { ballast: "x".repeat(100_000) });
    const error = await pool.run("throwLate", [large]).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "ERR_WORKER_EXIT", cause: { message: "large" } });
    expect(error.cause).not.toHaveProperty("ballast");
  });
});
