/** The pool and the life of its host process: neither keeps the other longer than it should. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startHost as start } from "./support/host.ts";
import { assertNoLeftovers } from "./support/leftovers.ts";

/** Where the hosts of a test put their socket folder: one that is killed can't remove it. */
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "host-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

const startHost = (...scenario: string[]) => start({ ...process.env, TMPDIR: temporary }, ...scenario);

describe("a host", () => {
  it.each(["idle", "unused"])("ends by itself with an open pool that is %s", async (scenario) => {
    const { code } = await startHost(scenario).ended;
    expect(code).toBe(0);
  });

  it("is kept alive by a pending call, and no longer", async () => {
    const { code, output } = await startHost("pending").ended;
    expect([code, output]).toEqual([0, expect.stringMatching(/^said \d+\n$/)]);
  });

  it("is kept alive by a pending ready(), and no longer", async () => {
    const { code, output } = await startHost("ready").ended;
    expect([code, output]).toEqual([0, "said 1\n"]);
  });

  it("that was itself started as a worker, as a compiled program would be, makes no pool of itself", async () => {
    const { code, output } = await start({ ...process.env, TMPDIR: temporary, REAPOOL_TOKEN: "x" }, "idle")
      .ended;
    expect([code, output]).toEqual([1, expect.stringContaining("launcher({ executable, program })")]);
  });

  it("that ends by itself, or by exit(), leaves no socket folder", async () => {
    await startHost("idle").ended;
    await startHost("waiting", "exit").ended;
    expect(readdirSync(temporary)).toEqual([]);
  });

  // A worker in a busy loop, or one that is stopped, outlives its host still: that takes a guard.
  it.each(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "that dies by %s takes idle and waiting workers along",
    async (signal) => {
      const host = startHost("waiting");
      await host.said("workers");
      host.process.kill(signal);
      await host.ended;
      await assertNoLeftovers();
    },
  );

  it.each(["exit", "throw"])("that ends by %s takes idle and waiting workers along", async (manner) => {
    const { code } = await startHost("waiting", manner).ended;
    expect(code).toBe(manner === "exit" ? 5 : 1);
    await assertNoLeftovers();
  });
});
