/** Starts that the system refuses for the moment, as a pool's callers see them. */
import { describe, expect, it } from "vitest";
import { settled } from "../support/fake-clock.ts";
import { endPoolsAfterEach, poolScene } from "../support/pool-scene.ts";

endPoolsAfterEach();

describe("a start that the system refuses for the moment", () => {
  const refusal = (code: string) => Object.assign(new Error(`spawn ${code}`), { code });

  it("is tried again, and no death counts: the call is served", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1, restart: { intensity: 0 } });
    runtime.script.spawnErrors = [refusal("EAGAIN"), refusal("EMFILE"), refusal("ENOMEM")];
    const call = pool.run("add", [1, 2]);
    await settled();
    expect(pool.stats()).toMatchObject({ live: 1, starting: 1 });
    await clock.advance(20 + 40 + 80);
    expect(await call).toBe(3);
    expect(pool.stats().restarts).toBe(0);
  });

  it("for too long is a WorkerStartError with its cause, and a later call works", async () => {
    const { runtime, pool, clock } = poolScene({ maxWorkers: 1 });
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
      const { runtime, pool, clock } = poolScene({ maxWorkers: 1, startTimeout: 50 });
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
