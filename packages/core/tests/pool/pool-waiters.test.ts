/** Who waits for a size, for workers or for a restart is looked at again whenever that may have come true. */
import { describe, expect, it } from "vitest";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, outcomeOf, poolScene, watched } from "../support/pool-scene.ts";

endPoolsAfterEach();

describe("resize()", () => {
  /** Three workers, each with a call that does not end. */
  async function busy(options: PoolOptions = {}) {
    const scene = poolScene({ minWorkers: 3, maxWorkers: 3, killTimeout: 50, ...options });
    await scene.pool.ready();
    const aborts = [1, 2, 3].map(() => new AbortController());
    for (const { signal } of aborts) outcomeOf(scene.pool.run("untilAborted", [], { signal }));
    await settled();
    return { ...scene, aborts };
  }

  it("that a larger one supersedes resolves, and nothing keeps the host alive for it", async () => {
    const { pool, clock, aborts } = await busy();
    const small = pool.resize(1);
    const state = watched(small);
    await settled();
    expect(state.isSettled).toBe(false);
    await pool.resize(5);
    await small;
    for (const abort of aborts) abort.abort();
    await clock.advance(100);
    expect(clock.referenced.size).toBe(0);
  });

  it("that a smaller one supersedes resolves when there are no more than it wanted", async () => {
    const { pool, clock, aborts } = await busy();
    const two = watched(pool.resize(2));
    const one = watched(pool.resize(1));
    await settled();
    expect([two.isSettled, one.isSettled]).toEqual([false, false]);
    for (const abort of aborts) {
      abort.abort();
      await clock.advance(1);
    }
    expect([two.isSettled, one.isSettled, pool.stats().live]).toEqual([true, true, 1]);
  });

  it("of many, in any order, leaves none that waits", async () => {
    const { pool, clock, aborts } = await busy();
    const states = [1, 3, 2, 1, 4, 1, 3, 2].map((size) => watched(pool.resize(size)));
    for (const abort of aborts) abort.abort();
    await clock.advance(200);
    expect(states.every(({ isSettled }) => isSettled)).toBe(true);
    expect(clock.referenced.size).toBe(0);
  });

  it("resolves when the pool is closed meanwhile", async () => {
    const { pool, clock } = await busy();
    const state = watched(pool.resize(1));
    await settled();
    const end = pool.terminate();
    await clock.advance(200);
    await end;
    expect(state.isSettled).toBe(true);
  });
});

describe("ready()", () => {
  it("resolves when the minimum is lowered to what is there", async () => {
    const { runtime, pool, clock } = poolScene({ minWorkers: 3, maxWorkers: 3 });
    await pool.ready();
    runtime.script.isMute = true;
    for (const worker of runtime.alive.slice(1)) worker.end({ code: 1, signal: null });
    await settled();
    const state = watched(pool.ready());
    await settled();
    expect([state.isSettled, clock.referenced.size]).toEqual([false, 1]);
    await pool.resize(1);
    await settled();
    expect([state.isSettled, clock.referenced.size]).toEqual([true, 0]);
  });

  it("goes on waiting where it is not lowered so far", async () => {
    const { runtime, pool } = poolScene({ minWorkers: 3, maxWorkers: 3 });
    await pool.ready();
    runtime.script.isMute = true;
    for (const worker of runtime.alive.slice(1)) worker.end({ code: 1, signal: null });
    await settled();
    const state = watched(pool.ready());
    outcomeOf(pool.resize(2));
    await settled();
    expect(state.isSettled).toBe(false);
  });
});

describe("the start of a worker is told before its exit", () => {
  const spawnError = Object.assign(new Error("no such program"), { code: "ENOENT" });
  type Scene = ReturnType<typeof poolScene>;

  it.each<[string, (scene: Scene) => void, PoolOptions]>([
    ["can't be spawned", ({ runtime }) => Object.assign(runtime.script, { spawnError }), {}],
    [
      "is refused for the moment, for too long",
      ({ runtime }) =>
        Object.assign(runtime.script, { spawnError: Object.assign(new Error("EAGAIN"), { code: "EAGAIN" }) }),
      {},
    ],
    [
      "has no folder to be let in by",
      ({ runtime }) => Object.assign(runtime.script, { folderError: new Error("ENOSPC") }),
      {},
    ],
    [
      "has no socket to connect to",
      ({ runtime }) => Object.assign(runtime.script, { listenError: new Error("EMFILE") }),
      {},
    ],
    [
      "has a launcher that throws",
      () => {},
      {
        worker: {
          launcher: {
            name: "mine",
            command: () => {
              throw new Error("mine");
            },
          },
        },
      },
    ],
    [
      "has options that throw",
      () => {},
      {
        worker: () => {
          throw new Error("mine");
        },
      },
    ],
    [
      "is never ready",
      ({ runtime }) => Object.assign(runtime.script, { isMute: true }),
      { startTimeout: 100 },
    ],
    [
      "dies at once",
      ({ runtime }) => void settled().then(() => runtime.alive[0]?.end({ code: 1, signal: null })),
      {},
    ],
    ["is not wanted any more before it exists", ({ pool }) => void pool.terminate(), {}],
    ["is asked to leave as it starts", ({ pool }) => void pool.close(), {}],
    ["works", () => {}, {}],
  ])("once each, for one that %s", async (_, arrange, options) => {
    const scene = poolScene({ maxWorkers: 1, restart: { intensity: 0 }, ...options });
    const told = scene.listen("start", "exit");
    outcomeOf(scene.pool.run("add", [1, 2]));
    arrange(scene);
    await scene.clock.advance(2_000);
    const end = scene.pool.close();
    await scene.clock.advance(40_000);
    await end;
    const names = told.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names).toEqual(names.map((_name, n) => (n % 2 === 0 ? "start" : "exit")));
    for (let n = 0; n < told.length; n += 2) {
      const [start, exit] = [told[n], told[n + 1]] as { worker: { id: number; pid: number } }[];
      expect(exit?.worker.id).toBe(start?.worker.id);
      expect([undefined, exit?.worker.pid]).toContain(start?.worker.pid);
    }
  });
});
