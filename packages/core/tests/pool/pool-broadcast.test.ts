/** broadcaster.ts: what is broadcast to later workers. Each makes it before its first call, and it is no call itself. */
import { describe, expect, it } from "vitest";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, outcomeOf, poolScene } from "../support/pool-scene.ts";

endPoolsAfterEach();

const LATER = { later: true };
const SIGKILL = { code: null, signal: "SIGKILL" } as const;

/** A pool whose workers can be warmed; `warmed` are the arguments of each time. */
function warmScene(options: PoolOptions = {}, tasks: object = {}) {
  const warmed: unknown[] = [];
  // A chain of workers that each warm up and go would never end: it stops here, and the test fails.
  const warm = (what: unknown) => (warmed.push(what) > 200 ? new Promise(() => {}) : warmed.length);
  return { ...poolScene({ maxWorkers: 1, ...options }, { warm, heat: warm, light: warm, ...tasks }), warmed };
}

describe("a broadcast of a task that does not exist", () => {
  it.each([undefined, true, false])(
    "is rejected once it is known what the workers have (later: %s)",
    async (later) => {
      const { pool } = warmScene();
      await pool.run("add", [1, 2]);
      await expect(pool.broadcast("wram", [], { later })).rejects.toMatchObject({
        code: "ERR_UNKNOWN_TASK",
        message: expect.stringContaining("did you mean warm?"),
      });
      expect(await pool.run("add", [1, 2])).toBe(3);
    },
  );

  it("that came before it was known is told by an `error` event, once, and spoils no start", async () => {
    const { runtime, pool, warmed, listen } = warmScene();
    const told = listen("error", "broken");
    expect(await pool.broadcast("wram", [], LATER)).toEqual([]);
    await pool.broadcast("warm", ["w"], LATER);
    for (let n = 0; n < 3; n++) {
      expect(await pool.run("add", [n, 1])).toBe(n + 1);
      runtime.alive[0]?.end(SIGKILL);
      await settled();
    }
    expect(told).toMatchObject([
      { name: "error", error: { code: "ERR_UNKNOWN_TASK" }, where: "a broadcast to later workers" },
    ]);
    expect([warmed, runtime.warnings]).toEqual([["w", "w", "w"], []]);
  });

  it("is a warning where nobody listens", async () => {
    const { runtime, pool } = warmScene();
    await pool.broadcast("wram", [], LATER);
    expect(await pool.run("add", [1, 2])).toBe(3);
    expect(runtime.warnings).toEqual([expect.stringMatching(/a broadcast to later workers.*no task `wram`/)]);
  });
});

describe("a broadcast to later workers", () => {
  it("is made by each before its first call, and by those there are", async () => {
    const { runtime, pool, warmed } = warmScene({ minWorkers: 1, maxWorkers: 2 });
    await pool.ready();
    expect(await pool.broadcast("warm", ["w"], LATER)).toHaveLength(1);
    await Promise.all([1, 2].map((n) => pool.run("add", [n, n])));
    await settled(); // the first may have had time for both
    expect([warmed, runtime.processes.length]).toEqual([["w", "w"], 2]);
  });

  it("is taken back by `later: false`, which makes it this once", async () => {
    const { runtime, pool, warmed } = warmScene();
    await pool.broadcast("warm", ["w"], LATER);
    await pool.broadcast("heat", ["h"], LATER);
    await pool.run("add", [1, 2]);
    expect(await pool.broadcast("warm", ["again"], { later: false })).toHaveLength(1);
    runtime.alive[0]?.end(SIGKILL);
    await settled();
    await pool.run("add", [1, 2]);
    expect(warmed).toEqual(["w", "h", "again", "h"]);
  });

  it("is not taken back by one that says nothing of later", async () => {
    const { runtime, pool, warmed } = warmScene();
    await pool.broadcast("warm", ["w"], LATER);
    await pool.run("add", [1, 2]);
    await pool.broadcast("warm", ["once"]);
    runtime.alive[0]?.end(SIGKILL);
    await settled();
    await pool.run("add", [1, 2]);
    expect(warmed).toEqual(["w", "once", "w"]);
  });

  it("that can be taken back before any worker knows of it is made by none", async () => {
    const { pool, warmed } = warmScene();
    await pool.broadcast("wram", [], LATER);
    await pool.broadcast("warm", ["w"], LATER);
    for (const name of ["wram", "warm"]) await pool.broadcast(name, [], { later: false });
    expect(await pool.run("add", [1, 2])).toBe(3);
    expect(warmed).toEqual([]);
  });
});

describe("a broadcast to later workers that fails", () => {
  const mine = Object.assign(new RangeError("no room for it"), { code: "E_MINE" });
  const failing = {
    load: () => {
      throw mine;
    },
    loadAsync: async () => {
      throw mine;
    },
  };

  it.each(["load", "loadAsync"])("names itself and its cause, and nobody's signal: %s", async (name) => {
    const { pool, listen } = warmScene({ restart: { intensity: 0 } }, failing);
    const told = listen("exit", "broken");
    await pool.broadcast(name, [], LATER);
    const error = await pool.run("add", [1, 2]).catch((thrown) => thrown);
    const cause = error.code === "ERR_CRASH_LOOP" ? error.cause : error;
    expect(cause).toMatchObject({ code: "ERR_WORKER_START", cause: { name: "RangeError", code: "E_MINE" } });
    expect(cause.message).toContain(`could not run \`${name}\`, broadcast with \`later\``);
    expect(cause.message).toContain("no room for it");
    for (const text of [error.message, cause.message]) expect(text).not.toMatch(/outside the pool|SIGTERM/);
    expect(told.find((event) => event.name === "exit")).toMatchObject({
      reason: "start",
      error: { code: "ERR_WORKER_START", cause: { code: "E_MINE" } },
    });
  });

  it.each([0, 25])(
    "rejects the calls that wait, where a worker takes %i ms to say so",
    async (sendsAfter) => {
      const { runtime, pool, clock } = warmScene(
        { maxWorkers: 2, restart: { intensity: 3, backoff: { initial: 5, max: 20, jitter: 0 } } },
        failing,
      );
      runtime.script.sendsAfter = sendsAfter;
      const calls = [1, 2, 3].map((n) => outcomeOf(pool.run("add", [n, n])));
      await pool.broadcast("load", [], LATER);
      await clock.advance(1_000);
      expect(await Promise.all(calls)).toEqual(calls.map(() => ({ error: "ERR_CRASH_LOOP" })));
      expect(runtime.processes.length).toBeLessThanOrEqual(6);
    },
  );

  it("fails no more once it is taken back, and the call that waited is served", async () => {
    const { pool, clock, listen } = warmScene({}, failing);
    const told = listen("exit");
    await pool.broadcast("load", [], LATER);
    const call = pool.run("add", [1, 2]);
    await clock.advance(200);
    expect(told.length).toBeGreaterThan(0);
    expect(await pool.broadcast("load", [], { later: false })).toEqual([]);
    await clock.advance(5_000);
    expect(await call).toBe(3);
  });

  it("does not take the workers that serve, which need not make it any more", async () => {
    const { runtime, pool, clock } = warmScene({ maxWorkers: 2 }, failing);
    await pool.run("add", [1, 2]);
    expect(await outcomeOf(pool.broadcast("load", [], LATER))).toEqual({ error: "E_MINE" });
    for (let n = 0; n < 5; n++) {
      expect(await pool.run("add", [n, 1])).toBe(n + 1);
      await clock.advance(100);
    }
    expect(runtime.alive.map(({ pid }) => pid)).toEqual([1001]);
  });
});

describe("warming is no work", () => {
  it.each([
    [1, 0],
    [1, 1],
    [1, 3],
    [3, 3],
    [2, 3],
  ])(
    "recycle.tasks of %i with %i later broadcasts starts as many workers as the calls need",
    async (tasks, count) => {
      const { runtime, pool, clock, warmed } = warmScene({
        minWorkers: 1,
        recycle: { tasks, jitter: 0 },
        killTimeout: 10,
      });
      for (const name of ["warm", "heat", "light"].slice(0, count)) await pool.broadcast(name, [name], LATER);
      await clock.advance(10_000);
      expect(runtime.processes.length).toBeLessThanOrEqual(2); // the first may have been started before them
      const before = runtime.processes.length;
      for (let n = 0; n < 6; n++) {
        expect(await pool.run("add", [n, 1])).toBe(n + 1);
        await clock.advance(100);
      }
      await clock.advance(10_000);
      expect(runtime.processes.length - before).toBeLessThanOrEqual(6 / tasks);
      expect(runtime.alive).toHaveLength(1);
      expect(warmed.length).toBeLessThanOrEqual(runtime.processes.length * count);
    },
  );

  it("and does not count as finished: each worker of 2 tasks does 2 calls", async () => {
    const { runtime, pool, clock } = warmScene({ recycle: { tasks: 2, jitter: 0 }, killTimeout: 10 });
    for (const name of ["warm", "heat", "light"]) await pool.broadcast(name, [name], LATER);
    await pool.run("add", [1, 2]);
    await clock.advance(1_000);
    expect(pool.workers).toMatchObject([{ pid: runtime.processes[0]?.pid, finished: 1 }]);
  });

  it.each([0, 25])(
    "and a worker past its age by the end of it serves all the same (%i ms each way)",
    async (sendsAfter) => {
      const { runtime, pool, clock } = warmScene({ recycle: { age: 10, jitter: 0 }, killTimeout: 10 });
      runtime.script.sendsAfter = sendsAfter;
      await pool.broadcast("warm", ["w"], LATER);
      for (let n = 0; n < 3; n++) {
        const call = pool.run("add", [n, 1]);
        await clock.advance(300);
        expect(await call).toBe(n + 1);
      }
    },
  );
});
