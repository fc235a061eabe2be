/** The guard as pools need it: when it comes and goes, and which groups it knows. */
import { describe, expect, test } from "vitest";
import { createPoolOn } from "../../src/pool/create-pool.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";
import { groupsOf } from "../support/group-lines.ts";

const KILLED = { code: null, signal: "SIGKILL" };

describe("for the pools of a host", () => {
  const module = { add: (a: number, b: number) => a + b };

  test("there is one from the first worker on, which knows every group and the folder", async () => {
    const runtime = new FakeRuntime(module);
    const pools = [1, 2, 3].map(() => createPoolOn(runtime)("/work.ts", { maxWorkers: 1 }));
    await settled();
    expect([runtime.guards, runtime.folders.size]).toEqual([[], 0]);
    await Promise.all(pools.map((pool) => pool.run("add", [1, 2])));
    expect(runtime.guards.map(({ command }) => command.args.at(-2))).toEqual([...runtime.folders]);
    expect(groupsOf(runtime)).toEqual(["1001 group", "1002 group", "1003 group"]);
    await Promise.all(pools.map((pool) => pool.close()));
  });

  test("a group is in its table before anybody hears that the worker has been started", async () => {
    const runtime = new FakeRuntime(module);
    const pool = createPoolOn(runtime)("/work.ts", { maxWorkers: 1 });
    let known: string[] | undefined;
    pool.on("start", () => {
      known = groupsOf(runtime);
    });
    await pool.run("add", [1, 2]);
    expect(known).toEqual(["1001 group"]);
    await pool.close();
  });

  test("a group is taken off as soon as the worker and its group are gone", async () => {
    const runtime = new FakeRuntime(module);
    const pool = createPoolOn(runtime)("/work.ts", { maxWorkers: 1 });
    await pool.run("add", [1, 2]);
    let known: string[] | undefined;
    pool.on("exit", () => {
      known = groupsOf(runtime);
    });
    runtime.alive[0]?.end({ code: 1, signal: null });
    await settled();
    expect(known).toEqual([]);
    expect(await pool.run("add", [1, 2])).toBe(3);
    expect(groupsOf(runtime)).toEqual(["1002 group"]);
    await pool.close();
  });

  test("a worker that could not be started was never a group", async () => {
    const runtime = new FakeRuntime(module);
    runtime.script.spawnError = new Error("ENOENT");
    const pool = createPoolOn(runtime)("/work.ts", { maxWorkers: 1 });
    await pool.run("add", [1, 2]).catch(() => {});
    expect(groupsOf(runtime)).toEqual([]);
    await pool.close();
  });

  test("it goes with the last pool, whose close() waits for it; the next pool has another", async () => {
    const runtime = new FakeRuntime(module);
    const pools = [1, 2].map(() => createPoolOn(runtime)("/work.ts", { maxWorkers: 1 }));
    await Promise.all(pools.map((pool) => pool.run("add", [1, 2])));
    await pools[0]?.close();
    expect(runtime.guards[0]?.isAlive).toBe(true);
    await pools[1]?.close();
    expect([runtime.guards[0]?.isAlive, runtime.folders.size, runtime.openFiles.size]).toEqual([false, 0, 0]);
    const third = createPoolOn(runtime)("/work.ts");
    await third.run("add", [1, 2]);
    expect([runtime.guards.length, runtime.folders.size]).toEqual([2, 1]);
    await third.terminate();
    expect([runtime.guards[1]?.isAlive, runtime.folders.size]).toEqual([false, 0]);
  });

  test("one that dies while workers run is replaced, and the workers do not notice", async () => {
    const runtime = new FakeRuntime(module);
    const pool = createPoolOn(runtime)("/work.ts", { maxWorkers: 1 });
    await pool.run("add", [1, 2]);
    runtime.guards[0]?.end(KILLED);
    await runtime.clock.advance(0);
    expect([runtime.guards.length, groupsOf(runtime)]).toEqual([2, ["1001 group"]]);
    expect(await pool.run("add", [3, 4])).toBe(7);
    expect(pool.stats().restarts).toBe(0);
    await pool.close();
  });

  test("it does not keep the host alive, and an idle pool has no timer of it", async () => {
    const runtime = new FakeRuntime(module);
    const pool = createPoolOn(runtime)("/work.ts", { idleTimeout: Number.POSITIVE_INFINITY });
    await pool.run("add", [1, 2]);
    await runtime.clock.advance(60_000);
    expect(runtime.clock.referenced.size).toBe(0);
    expect(runtime.clock.pending).toBe(1); // what keeps the host alive while a call is pending
    await pool.close();
  });

  test.each(["guardError", "writeError"] as const)(
    "where it can't be had (%s) they run their calls all the same, warn once, and close",
    async (obstacle) => {
      const runtime = new FakeRuntime(module);
      runtime.script[obstacle] = new Error("no");
      const pool = createPoolOn(runtime)("/work.ts", { maxWorkers: 2 });
      expect(await Promise.all([pool.run("add", [1, 2]), pool.run("add", [3, 4])])).toEqual([3, 7]);
      await runtime.clock.advance(20_000);
      await pool.close();
      expect([runtime.warnings.length, runtime.folders.size]).toEqual([1, 0]);
    },
  );
});
