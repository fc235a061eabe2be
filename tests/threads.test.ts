/** A thread that ends with a pool open leaves no process, dead or alive: its parent would have it until its own end. */
import { describe, expect, it } from "vitest";
import { adapter, name } from "./support/adapter.ts";
import { programArguments, startProgram } from "./support/host.ts";

const libc = adapter.runtime.openLibc();
const canCollect = typeof libc !== "string" && name !== "deno"; // Deno collects what its threads have started

async function leftBy(...args: string[]): Promise<string> {
  const host = startProgram(programArguments("thread-host.ts", ...args));
  expect(await host.said("started ")).toBe(args[2]);
  return host.said("left ");
}

describe.skipIf(!canCollect)("a thread that had a pool", () => {
  it.each([
    ["natural", "idle", "1"],
    ["natural", "idle", "2"],
    ["natural, terminated", "idle", "4"], // as by a program that has its result
    ["exit", "idle", "1"],
    ["exit", "busy", "2"],
    ["throw", "busy", "1"],
    ["terminate", "idle", "2"],
    ["terminate", "busy", "1"],
  ])("and ends: %s, its workers are %s, threads: %s", async (...args) => {
    expect(await leftBy(...args)).toBe("");
  });

  it("would leave zombies if nothing were done", async () => {
    expect(await leftBy("deaf", "idle", "1")).toMatch(/ Z/);
  });
});
