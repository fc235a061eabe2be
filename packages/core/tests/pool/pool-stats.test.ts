/** stats.ts and worker-info.ts: what a pool tells of itself and its workers, on a fake runtime, clock and /proc. */
import { describe, expect, it } from "vitest";
import { settled } from "../support/fake-clock.ts";
import { fakeProc } from "../support/fake-proc.ts";
import { endPoolsAfterEach, poolScene } from "../support/pool-scene.ts";

endPoolsAfterEach();

describe("what it tells of itself", () => {
  const sleeping = { idleTimeout: Number.POSITIVE_INFINITY };

  it("an empty pool has no worker, and no memory in use", async () => {
    const { pool, clock } = poolScene();
    await clock.advance(1_500);
    expect(pool.workers).toEqual([]);
    expect(pool.stats()).toEqual({
      capacity: 2,
      concurrentTasksPerWorker: 1,
      live: 0,
      starting: 0,
      idle: 0,
      busy: 0,
      stopping: 0,
      pending: 0,
      queued: 0,
      running: 0,
      submitted: 0,
      completed: 0,
      failed: 0,
      restarts: 0,
      uptime: 1_500,
      memory: 0,
      cpu: 0,
      workers: [],
    });
  });

  it("its capacity is what can run at once: spares take no task", async () => {
    const { pool } = poolScene({ maxWorkers: 4, spares: 1, concurrentTasksPerWorker: 3 });
    expect(pool.stats()).toMatchObject({ capacity: 9, concurrentTasksPerWorker: 3 });
    await pool.resize(2);
    expect(pool.stats().capacity).toBe(3);
  });

  it("each worker has its state, its time since its own start and its tasks", async () => {
    const { pool, clock } = poolScene({ maxWorkers: 2, ...sleeping });
    await clock.advance(100);
    await pool.run("add", [1, 2]);
    await clock.advance(50);
    void pool.run("wait").catch(() => {});
    const second = pool.run("add", [1, 2]);
    expect(pool.workers.map(({ id, state }) => [id, state])).toEqual([
      [1, "busy"],
      [2, "starting"],
    ]);
    await second;
    await clock.advance(7);
    expect(pool.workers).toMatchObject([
      { id: 1, pid: 1001, state: "busy", uptime: 57, running: 1, finished: 1 },
      { id: 2, pid: 1002, state: "idle", uptime: 7, running: 0, finished: 1 },
    ]);
    expect(pool.stats()).toMatchObject({ uptime: 157, live: 2, busy: 1, idle: 1 });
  });

  it("a worker that has just been asked for has no pid yet, and one on its way out is told until it is gone", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, killTimeout: 100 });
    runtime.script.ignoresLeave = true;
    const call = pool.run("add", [1, 2]);
    expect(pool.workers).toEqual([
      {
        id: 1,
        pid: undefined,
        state: "starting",
        uptime: 0,
        running: 0,
        finished: 0,
        memory: undefined,
        cpu: undefined,
      },
    ]);
    await call;
    const closing = pool.close();
    await settled();
    expect(pool.workers).toMatchObject([{ id: 1, pid: 1001, state: "stopping", finished: 1 }]);
    await clock.advance(100);
    await closing;
    expect(pool.workers).toEqual([]);
  });

  it("memory and processor time are those that /proc has for its workers alone, and their sums", async () => {
    const { runtime, pool } = poolScene({ minWorkers: 2, maxWorkers: 2 });
    await pool.ready();
    runtime.proc = fakeProc(() => [
      { pid: 1000, resident: 999, user: 999 },
      { pid: 1001, resident: 10, user: 3, system: 4 },
      { pid: 1002, resident: 20, user: 1 },
    ]);
    expect(pool.workers.map(({ memory, cpu }) => [memory, cpu])).toEqual([
      [10_240, 70],
      [20_480, 10],
    ]);
    expect(pool.stats()).toMatchObject({ memory: 30_720, cpu: 80, workers: pool.workers });
  });

  it("what is not known of one worker is not known of the pool", async () => {
    const { runtime, pool } = poolScene({ minWorkers: 2, maxWorkers: 2 });
    await pool.ready();
    expect(pool.stats()).toMatchObject({ live: 2, memory: undefined, cpu: undefined }); // no /proc
    runtime.proc = fakeProc(() => [{ pid: 1001, resident: 10 }]);
    expect(pool.workers.map(({ memory }) => memory)).toEqual([10_240, undefined]);
    expect(pool.stats()).toMatchObject({ live: 2, memory: undefined, cpu: undefined });
  });

  it("events tell of a worker without asking /proc", async () => {
    const { runtime, pool } = poolScene({ maxWorkers: 1 });
    const asked: string[] = [];
    const ask = (path: string) => void asked.push(path);
    runtime.proc = { readFile: ask, listFolder: ask };
    const told: unknown[] = [];
    for (const event of ["start", "ready", "exit"] as const)
      pool.on(event, ({ worker }) => told.push(worker));
    await pool.run("add", [1, 2]);
    await pool.close();
    const worker = { id: 1, pid: 1001, uptime: 0, running: 0 };
    expect(told).toEqual([
      { ...worker, state: "starting", finished: 0 },
      { ...worker, state: "idle", finished: 0 },
      { ...worker, state: "gone", finished: 1 },
    ]);
    expect(asked).toEqual(["/proc/1001/stat"]); // the guard's table says when each worker was started
  });
});
