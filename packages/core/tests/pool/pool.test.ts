/**
 * The pool on a fake runtime and a fake clock: no process, no sleep, every moment chosen. Covers what its parts do together:
 * pool, create-pool, intake, closing, call-errors, dispatcher, supervisor, rolling-restart, slot, workload, worker-link,
 * call-frame, stream.
 */
import { describe, expect, it } from "vitest";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, outcomeOf, poolScene } from "../support/pool-scene.ts";

/** A task that ends when the test says so. */
function gate() {
  let open: (value: unknown) => void = () => {};
  const passed = new Promise((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

endPoolsAfterEach();

describe("keeping the host alive", () => {
  it("an idle pool holds nothing, a pending call does, also while a worker starts", async () => {
    const { pool, clock } = poolScene();
    expect(clock.referenced.size).toBe(0);
    const call = pool.run("add", [1, 2]);
    expect(clock.referenced.size).toBe(1);
    expect(await call).toBe(3);
    await settled();
    expect(clock.referenced.size).toBe(0);
  });

  it("a waiting ready() and a close() under way do", async () => {
    const { runtime, pool, clock } = poolScene({ minWorkers: 1 });
    const ready = pool.ready();
    expect(clock.referenced.size).toBe(1);
    await ready;
    await settled();
    expect(clock.referenced.size).toBe(0);
    const closing = pool.close();
    expect(clock.referenced.size).toBe(1);
    await closing;
    expect(clock.referenced.size).toBe(0);
    expect(runtime.listeners).toBe(0);
  });

  it("a call that waits for a back-off does", async () => {
    const { runtime, pool, clock } = poolScene();
    runtime.script.spawnError = new Error("EAGAIN");
    expect(await outcomeOf(pool.run("add", [1, 2]))).toEqual({ error: "ERR_WORKER_START" });
    runtime.script.spawnError = undefined;
    const call = pool.run("add", [1, 2]);
    await settled();
    expect(runtime.processes).toEqual([]);
    expect(clock.referenced.size).toBe(1);
    await clock.advance(100);
    expect(await call).toBe(3);
  });

  it("a closed pool leaves no timer behind", async () => {
    const { pool, clock } = poolScene({ minWorkers: 2, idleTimeout: 1_000, timeout: 500 });
    await pool.run("add", [1, 2]);
    await pool.close();
    await clock.advance(1);
    expect(clock.referenced.size).toBe(0);
  });
});

describe("time limits", () => {
  it("a worker that is never ready is killed at startTimeout, and the call rejects", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, startTimeout: 5_000 });
    runtime.script.isMute = true;
    const call = outcomeOf(pool.run("add", [1, 2]));
    await clock.advance(4_999);
    expect(runtime.alive).toHaveLength(1);
    await clock.advance(1);
    expect(await call).toEqual({ error: "ERR_WORKER_START" });
    expect(runtime.alive).toEqual([]);
  });

  it("timeout counts from the start of the task, queueTimeout from the call", async () => {
    const { runtime, pool, clock } = poolScene({
      maxWorkers: 1,
      timeout: 300,
      queueTimeout: 200,
      killTimeout: 1_000,
    });
    await pool.run("add", [0, 0]);
    const running = outcomeOf(pool.run("wait"));
    const waiting = outcomeOf(pool.run("add", [1, 2]));
    await clock.advance(200);
    expect(await waiting).toEqual({ error: "ERR_QUEUE_TIMEOUT" });
    await clock.advance(99);
    expect(pool.stats().running).toBe(1);
    await clock.advance(1);
    expect(await running).toEqual({ error: "ERR_TASK_TIMEOUT" });
    expect(runtime.alive).toHaveLength(1);
    await clock.advance(1_000);
    expect(runtime.alive).toEqual([]);
  });

  it("an aborted task that stops in time keeps its worker; one that does not loses it at killTimeout", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, killTimeout: 1_000 });
    for (const [name, survivors] of [
      ["untilAborted", 1],
      ["wait", 0],
    ] as const) {
      await pool.run("add", [0, 0]);
      const { signal, abort } = controller();
      const call = outcomeOf(pool.run(name, [], { signal }));
      await settled();
      abort();
      expect(await call).toEqual({ error: "stop" });
      await clock.advance(1_000);
      expect(runtime.alive).toHaveLength(survivors);
    }
    expect(runtime.processes[0]?.signals).toEqual(["SIGKILL"]);
  });

  it("idle workers above the minimum leave after idleTimeout, the last used first", async () => {
    const { runtime, pool, clock } = poolScene({ minWorkers: 1, maxWorkers: 3, idleTimeout: 1_000 });
    await Promise.all([1, 2, 3].map((n) => pool.run("add", [n, n])));
    await clock.advance(999);
    expect(runtime.alive).toHaveLength(3);
    await clock.advance(1);
    expect(pool.workers.map(({ id }) => id)).toEqual([1]);
    await clock.advance(1_000_000);
    expect(runtime.alive).toHaveLength(1);
    expect(clock.pending).toBe(1); // what keeps the host alive while a call is pending, and nothing that ticks
  });
});

describe("restarts", () => {
  it("a crash in the middle of a productive life is replaced at once", async () => {
    const { runtime, pool } = poolScene({ minWorkers: 1, maxWorkers: 1 });
    for (let round = 0; round < 20; round++) {
      expect(await pool.run("add", [round, 1])).toBe(round + 1);
      runtime.alive[0]?.end({ code: 1, signal: null });
      await settled();
      expect(runtime.alive).toHaveLength(1);
    }
    expect(pool.stats().restarts).toBe(20);
  });

  it("deaths without a completed task back off, break the pool, and one trial at a time mends it", async () => {
    const { runtime, pool, clock } = poolScene({
      maxWorkers: 2,
      restart: { intensity: 2, period: 60_000, backoff: { initial: 100, factor: 2, max: 1_000, jitter: 0 } },
    });
    const events: string[] = [];
    pool.on("broken", () => events.push("broken"));
    pool.on("recovered", () => events.push("recovered"));
    runtime.script.spawnError = Object.assign(new Error("no such program"), { code: "ENOENT" });
    for (const [wait, code] of [
      [0, "ERR_WORKER_START"],
      [100, "ERR_WORKER_START"],
      [200, "ERR_CRASH_LOOP"],
      [400, "ERR_CRASH_LOOP"],
    ] as const) {
      const call = outcomeOf(pool.run("add", [1, 2]));
      await clock.advance(wait - 1);
      if (wait > 0) expect(pool.stats().queued).toBe(1);
      await clock.advance(1);
      expect(await call).toEqual({ error: code });
    }
    runtime.script.spawnError = undefined;
    const calls = [1, 2, 3].map((n) => pool.run("add", [n, n]));
    await clock.advance(800);
    expect(await Promise.all(calls)).toEqual([2, 4, 6]);
    expect(events).toEqual(["broken", "recovered"]);
  });

  it("ready() rejects when a part of the minimum keeps failing, and calls are still served by the rest", async () => {
    const { runtime, pool, clock } = poolScene({
      minWorkers: 2,
      maxWorkers: 2,
      restart: { intensity: 2, backoff: { initial: 10, max: 10, jitter: 0 } },
    });
    await settled();
    await pool.ready();
    runtime.script.spawnError = new Error("only one of us");
    expect(await pool.run("add", [1, 2])).toBe(3);
    runtime.alive[1]?.end({ code: 1, signal: null });
    await settled();
    const ready = outcomeOf(pool.ready());
    await clock.advance(100);
    expect(await ready).toEqual({ error: "ERR_CRASH_LOOP" });
    expect(await pool.run("add", [3, 4])).toBe(7);
  });

  it("workers that a call's own timeout killed do not count as a crash loop", async () => {
    const { pool, clock } = poolScene({ maxWorkers: 1, killTimeout: 10, restart: { intensity: 0 } });
    for (let round = 0; round < 3; round++) {
      const call = outcomeOf(pool.run("wait", [], { timeout: 50 }));
      await clock.advance(100);
      expect(await call).toEqual({ error: "ERR_TASK_TIMEOUT" });
    }
    expect(await pool.run("add", [1, 2])).toBe(3);
  });

  it("a task that was sent but not started when its worker died runs on the next", async () => {
    let starts = 0;
    const { runtime, pool } = poolScene({ maxWorkers: 1 }, { count: () => ++starts });
    await pool.run("count");
    const call = pool.run("count"); // written, and the worker dies before it reads
    runtime.alive[0]?.end({ code: null, signal: "SIGKILL" });
    expect(await call).toBe(2);
  });

  it("a task that was started when its worker died rejects, and is not run again", async () => {
    let starts = 0;
    const start = () => {
      starts++;
      return new Promise(() => {});
    };
    const { runtime, pool } = poolScene({ maxWorkers: 1 }, { start });
    const call = outcomeOf(pool.run("start"));
    await settled();
    await settled();
    runtime.alive[0]?.end({ code: null, signal: "SIGKILL" });
    expect(await call).toEqual({ error: "ERR_WORKER_EXIT" });
    expect(starts).toBe(1);
  });

  it("a socket that can't be opened rejects with its cause, and later calls work", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1 });
    runtime.script.listenError = new Error("read-only file system");
    await expect(pool.run("add", [1, 2])).rejects.toMatchObject({
      code: "ERR_WORKER_START",
      cause: { message: expect.stringContaining("read-only file system") },
    });
    runtime.script.listenError = undefined;
    const call = pool.run("add", [1, 2]);
    await clock.advance(1_000);
    expect(await call).toBe(3);
  });
});

describe("growing", () => {
  it("never has more processes than maxWorkers, those on their way out included", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 2, idleTimeout: 10, killTimeout: 100 });
    runtime.script.ignoresLeave = true;
    for (let round = 0; round < 5; round++) {
      const calls = [1, 2, 3, 4].map((n) => pool.run("add", [n, 1]));
      await clock.advance(100); // from the second round on the workers are on their way out when calls come
      expect(await Promise.all(calls)).toEqual([2, 3, 4, 5]);
    }
    expect(runtime.mostAlive).toBe(2);
  });

  it("starts as many workers as the calls need for which the starting ones have no capacity", async () => {
    const { passed, open } = gate();
    const { runtime, pool } = poolScene(
      { maxWorkers: 10, concurrentTasksPerWorker: 3 },
      { wait: () => passed },
    );
    const calls = Array.from({ length: 7 }, () => pool.run("wait"));
    await settled();
    expect(runtime.processes).toHaveLength(3);
    open(1);
    await Promise.all(calls);
  });
});

function controller() {
  const abort = new AbortController();
  return {
    signal: abort.signal,
    abort: () => abort.abort(Object.assign(new Error("stop"), { name: "stop" })),
  };
}
