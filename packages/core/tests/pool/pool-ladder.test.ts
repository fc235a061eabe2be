/** How a pool makes its workers go, by the clock. */
import { describe, expect, it } from "vitest";
import { endPoolsAfterEach, outcomeOf, poolScene } from "../support/pool-scene.ts";

endPoolsAfterEach();

describe("the kill ladder", () => {
  it("a worker that does not leave when asked gets SIGTERM, then SIGKILL", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, killTimeout: 100 });
    Object.assign(runtime.script, { ignoresLeave: true, trapsSigterm: true });
    await pool.run("add", [1, 2]);
    const closing = pool.close();
    const signals = () => runtime.processes[0]?.signals;
    await clock.advance(99);
    expect(signals()).toEqual([]);
    await clock.advance(1);
    expect(signals()).toEqual(["SIGTERM"]);
    await clock.advance(100);
    expect(signals()).toEqual(["SIGTERM", "SIGKILL"]);
    await closing;
  });

  it.each([
    { killTimeout: 100, sigterm: 100, sigkill: 200 },
    { killTimeout: 5_000, sigterm: 5_000, sigkill: 6_000 },
  ])(
    "a task that does not stop brings SIGTERM after $killTimeout ms where the module listens, SIGKILL a moment later",
    async ({ killTimeout, sigterm, sigkill }) => {
      const { runtime, pool, clock } = poolScene({ maxWorkers: 1, killTimeout });
      Object.assign(runtime.script, { listens: true, trapsSigterm: true });
      await pool.run("add", [1, 2]);
      const call = outcomeOf(pool.run("wait", [], { timeout: 50 }));
      const signals = () => runtime.processes[0]?.signals;
      await clock.advance(50);
      expect(await call).toEqual({ error: "ERR_TASK_TIMEOUT" });
      await clock.advance(sigterm - 1);
      expect(signals()).toEqual([]);
      await clock.advance(1);
      expect(signals()).toEqual(["SIGTERM"]);
      await clock.advance(sigkill - sigterm - 1);
      expect(signals()).toEqual(["SIGTERM"]);
      await clock.advance(1);
      expect(signals()?.slice(0, 2)).toEqual(["SIGTERM", "SIGKILL"]);
    },
  );

  it("a task that does not stop brings SIGKILL at once where nobody listens", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, killTimeout: 100 });
    runtime.script.trapsSigterm = true;
    await pool.run("add", [1, 2]);
    const call = outcomeOf(pool.run("wait", [], { timeout: 50 }));
    await clock.advance(50);
    expect(await call).toEqual({ error: "ERR_TASK_TIMEOUT" });
    await clock.advance(100);
    expect(runtime.processes[0]?.signals[0]).toBe("SIGKILL");
  });

  it("terminate() asks an idle worker to leave, and has ended killTimeout and a moment later", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, killTimeout: 5_000 });
    Object.assign(runtime.script, { ignoresLeave: true, trapsSigterm: true });
    await pool.run("add", [1, 2]);
    let hasEnded = false;
    void pool.terminate().then(() => {
      hasEnded = true;
    });
    await clock.advance(4_999);
    expect(runtime.processes[0]?.signals).toEqual([]);
    await clock.advance(1);
    await clock.advance(999);
    expect(runtime.processes[0]?.signals).toEqual(["SIGTERM"]);
    await clock.advance(1);
    expect(runtime.processes[0]?.signals[1]).toBe("SIGKILL");
    expect(hasEnded).toBe(true);
  });

  it("terminate() sends no signal to an idle worker that leaves", async () => {
    const { runtime, pool } = poolScene({ maxWorkers: 1 });
    Object.assign(runtime.script, { listens: true, trapsSigterm: true });
    await pool.run("add", [1, 2]);
    await pool.terminate();
    expect(runtime.processes[0]?.signals).toEqual([]);
  });

  it("close() at its deadline rejects what runs and waits, and resolves", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1 });
    runtime.script.trapsSigterm = true;
    await pool.run("add", [1, 2]);
    const calls = [outcomeOf(pool.run("wait")), outcomeOf(pool.run("add", [1, 2]))];
    const closing = pool.close({ timeout: 1_000 });
    await clock.advance(1_000);
    await closing;
    expect(await Promise.all(calls)).toEqual([{ error: "ERR_POOL_CLOSED" }, { error: "ERR_POOL_CLOSED" }]);
    expect(runtime.alive).toEqual([]);
  });

  it("terminate() hardens a close() under way", async () => {
    const { runtime, pool } = poolScene({ maxWorkers: 1 });
    await pool.run("add", [1, 2]);
    const call = outcomeOf(pool.run("wait"));
    const closing = pool.close();
    await pool.terminate();
    await closing;
    expect(await call).toEqual({ error: "ERR_POOL_CLOSED" });
    expect(runtime.processes[0]?.signals).toEqual(["SIGTERM"]);
  });
});
