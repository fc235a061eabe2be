/** Starts that the system refuses for the moment, as a pool's callers see them. */
import { afterEach, describe, expect, it } from "vitest";
import type { PoolOptions } from "../../src/options/pool-options.ts";
import { createPoolOn, type Pool } from "../../src/pool/create-pool.ts";
import { settled } from "../support/fake-clock.ts";
import { FakeRuntime } from "../support/fake-runtime.ts";

let pools: Pool[] = [];

function setUp(options: PoolOptions = {}) {
  const runtime = new FakeRuntime(module);
  const pool = createPoolOn(runtime)("/work.ts", options);
  pools.push(pool);
  return { runtime, pool, clock: runtime.clock };
}

const module = { add: (a: number, b: number) => a + b, wait: () => new Promise(() => {}) };

afterEach(async () => {
  const open = pools;
  pools = [];
  await Promise.all(open.map((pool) => pool.terminate()));
});

describe("a start that the system refuses for the moment", () => {
  const refusal = (code: string) => Object.assign(new Error(`spawn ${code}`), { code });

  it("is tried again, and no death counts: the call is served", async () => {
    const { runtime, pool, clock } = setUp({ maxWorkers: 1, restart: { intensity: 0 } });
    runtime.script.spawnErrors = [refusal("EAGAIN"), refusal("EMFILE"), refusal("ENOMEM")];
    const call = pool.run("add", [1, 2]);
    await settled();
    expect(pool.stats()).toMatchObject({ live: 1, starting: 1 });
    await clock.advance(20 + 40 + 80);
    expect(await call).toBe(3);
    expect(pool.stats().restarts).toBe(0);
  });

  it("for too long is a WorkerStartError with its cause, and a later call works", async () => {
    const { runtime, pool, clock } = setUp({ maxWorkers: 1 });
    runtime.script.spawnError = refusal("EAGAIN");
    const call = pool.run("add", [1, 2]);
    const rejection = expect(call).rejects.toMatchObject({
      code: "ERR_WORKER_START",
      cause: { code: "EAGAIN" },
    });
    await clock.advance(620);
    await rejection;
    runtime.script.spawnError = undefined;
    const later = pool.run("add", [1, 2]);
    await clock.advance(1_000);
    expect(await later).toBe(3);
  });

  it("does not outlast startTimeout, nor a terminate()", async () => {
    for (const end of ["startTimeout", "terminate"]) {
      const { runtime, pool, clock } = setUp({ maxWorkers: 1, startTimeout: 50 });
      runtime.script.spawnError = refusal("EMFILE");
      const code = end === "terminate" ? "ERR_POOL_CLOSED" : "ERR_WORKER_START";
      const rejection = expect(pool.run("add", [1, 2])).rejects.toMatchObject({ code });
      await clock.advance(30);
      const ending = end === "terminate" ? pool.terminate() : clock.advance(20);
      await rejection;
      await ending;
      expect(pool.stats().live).toBe(0);
    }
  });
});
