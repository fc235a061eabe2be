/**
 * Orphans that a host adopts are collected, and the exit of no process that it started itself is ever taken. The
 * same as PID 1, where they come without being asked for.
 */
import { describe, expect, it, type TestContext } from "vitest";
import { adapter } from "./support/adapter.ts";
import { type Host, programArguments, startCommand } from "./support/host.ts";
import { pidNamespace, type Wrapper } from "./support/sandbox.ts";

const libc = adapter.runtime.openLibc();
const whyNot = typeof libc === "string" ? libc : undefined;

function start(context: TestContext, wrapper: Wrapper, ...args: string[]): Host {
  const reason = whyNot ?? (typeof wrapper === "string" ? wrapper : undefined);
  if (reason !== undefined) context.skip(reason);
  const [file = "", ...more] = [...wrapper, process.execPath, ...programArguments("orphan-host.ts", ...args)];
  return startCommand(file, more, process.env);
}

describe("a host that adopts orphans", () => {
  it("collects 200 of them, among 200 processes of its own whose exit codes all arrive", async (context) => {
    const host = start(context, [], "adopt");
    expect([await host.said("wrong"), await host.said("zombies")]).toEqual(["0", "0"]);
    await host.said("closed");
    expect((await host.ended).code).toBe(0);
  });

  it("without the reaper keeps zombies, so that test can fail", async (context) => {
    const host = start(context, [], "bare", "20");
    expect(Number(await host.said("zombies"))).toBeGreaterThan(10);
    await host.ended;
  });
});

describe("a host that is PID 1", () => {
  it("does the same without being asked", async (context) => {
    const host = start(context, pidNamespace, "auto");
    expect([await host.said("wrong"), await host.said("zombies")]).toEqual(["0", "0"]);
    await host.said("closed");
    expect((await host.ended).code).toBe(0);
  });

  it('keeps zombies with orphans: "ignore", so that test can fail', async (context) => {
    const host = start(context, pidNamespace, "ignore", "20");
    expect(Number(await host.said("zombies"))).toBeGreaterThan(10);
    await host.ended;
  });
});
