/** A worker module that makes a pool of itself: what it starts as it loads would go on without end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { adapter } from "./support/adapter.ts";

const folder = mkdtempSync(join(tmpdir(), "own-module-"));
const log = join(folder, "log");
afterEach(() => rmSync(log, { force: true }));

interface Own {
  add(a: number, b: number): number;
  far(): Promise<number>;
}

/** What becomes of one call, and how many processes had loaded the module some time later. */
async function call(use: string, { of = "", name = "add" }: { of?: string; name?: "add" | "far" } = {}) {
  writeFileSync(log, "");
  const env = { OWN_POOL_LOG: log, OWN_POOL_OF: of, OWN_POOL_USE: use };
  const pool = adapter.createPool<Own>(new URL("./fixtures/own-pool.ts", import.meta.url), {
    maxWorkers: 1,
    worker: { env, stderr: "ignore" },
  });
  try {
    const value = await (name === "add" ? pool.run("add", [1, 2]) : pool.run("far")).catch(
      (error: Error) => error,
    );
    await wait(1_000);
    return { value, processes: readFileSync(log, "utf8").trim().split("\n").length };
  } finally {
    await pool.terminate();
  }
}

const HINT = expect.objectContaining({
  code: "ERR_WORKER_START",
  message: expect.stringMatching(
    /could not load .*not to start a pool of itself while it loads.*import\.meta\.main/s,
  ),
});

describe("a module that makes a pool of itself", () => {
  it.each(["await", "background", "later", "minWorkers", "ready"])(
    "and uses it as it loads (%s) is stopped at that start, with the hint",
    async (use) => {
      expect(await call(use)).toEqual({ value: HINT, processes: 1 });
    },
  );

  it("under another query of its URL is stopped as well", async () => {
    const { value, processes } = await call("background", { of: "./own-pool.ts?again" });
    expect(value).toEqual(HINT);
    expect(processes).toBe(1);
  });

  it.each(["await", "ready"])("through another module (%s) is stopped as well", async (use) => {
    const { value, processes } = await call(use, { of: "./own-pool-middle.ts" });
    expect(value).toEqual(HINT);
    expect(processes).toBeLessThanOrEqual(3);
  });

  it("and does not use it is a worker like any other", async () => {
    expect(await call("never")).toEqual({ value: 3, processes: 1 });
  });

  it("may use it in a call", async () => {
    expect(await call("never", { name: "far" })).toEqual({ value: 3, processes: 2 });
  });
});
