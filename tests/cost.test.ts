/**
 * What a call costs the host, by counts that a busy machine hardly changes: system calls, waits and bytes allocated. Times are in
 * bench/. Each limit is what was measured and some more; a change that needs more has to say why.
 */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { name } from "./support/adapter.ts";
import { programArguments, startProgram } from "./support/host.ts";

type Count = "reads" | "writes" | "waits" | "bytes";
type Cost = Record<Count, number>;
type Limits = Partial<Cost>;

/** Enough for all that the calls allocate, so that nothing of it is collected while it is counted. */
const V8_OPTIONS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];

const FLAGS = { node: V8_OPTIONS, bun: [], deno: ["run", "-A", `--v8-flags=${V8_OPTIONS.join()}`] }[name];

/** Contention adds to a count, such as looks at what is silent for 10 ms: a regression adds to every one of so many. */
const MOST_TRIES = 5;

/**
 * For each call. Bun and Deno call recv(2) and send(2), which /proc does not count; Bun tells what is allocated only after a
 * collection.
 */
const LIMITS: Record<"oneAtATime" | "manyAtOnce", Limits> = {
  node: {
    oneAtATime: { reads: 1.1, writes: 1.1, waits: 1.5, bytes: 4_500 },
    manyAtOnce: { reads: 0.05, writes: 0.05, waits: 0.05, bytes: 2_000 },
  },
  bun: { oneAtATime: { waits: 2 }, manyAtOnce: { waits: 0.05 } },
  deno: { oneAtATime: { waits: 3, bytes: 6_500 }, manyAtOnce: { waits: 0.05, bytes: 2_800 } },
}[name];

/** The least of each count. */
async function leastCost(atOnce: number, calls: number, limits: Limits): Promise<Cost> {
  const least: Cost = { reads: Infinity, writes: Infinity, waits: Infinity, bytes: Infinity };
  const isWithin = () => countsIn(limits).every(([count, limit]) => least[count] < limit);
  for (let tries = 0; tries < MOST_TRIES && !isWithin(); tries++) {
    const cost = await costOf(atOnce, calls);
    if (name !== "bun" && cost.bytes < 500) continue; // something was collected
    for (const [count, of] of countsIn(cost)) least[count] = Math.min(least[count], of);
  }
  return least;
}

const countsIn = (counts: Limits) => Object.entries(counts) as [Count, number][];

async function costOf(atOnce: number, calls: number): Promise<Cost> {
  const program = programArguments("cost-host.ts", String(atOnce), String(calls));
  const host = startProgram([...FLAGS, ...program.slice(name === "deno" ? 2 : 0)]); // they come before the file
  const cost = JSON.parse(await host.said("cost"));
  await host.ended;
  return cost;
}

function expectWithin(cost: Cost, limits: Limits): void {
  for (const [count, limit] of countsIn(limits)) {
    expect(cost[count], `${count} for each call`).toBeLessThan(limit);
  }
}

describe.skipIf(!existsSync("/proc/self/io"))("what a call costs the host", () => {
  it("one at a time: a read, a write and a wait", async () => {
    const cost = await leastCost(1, 3_000, LIMITS.oneAtATime);
    expectWithin(cost, LIMITS.oneAtATime);
    if (name === "node") expect(Math.min(cost.reads, cost.writes)).toBeGreaterThan(0.9); // it does count
  });

  it("many at once: a small part of each", async () => {
    const cost = await leastCost(256, 20_000, LIMITS.manyAtOnce);
    expectWithin(cost, LIMITS.manyAtOnce);
  });
});
