/** Time that a test has faked, in the host or in a worker, before or after the import: calls go on, and limits count real time. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { adapter, name } from "./support/adapter.ts";
import { programArguments, startProgram } from "./support/host.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Every call, and what must become of it. */
const OUTCOMES = {
  first: 3,
  instant: 3,
  async: 3,
  many: range(0, 299),
  stream: range(1, 40),
  input: range(1, 40),
  progress: [1, 2, 3],
  map: range(1, 300),
  large: 3_000_000,
  date: [true, 5, new Date(5).toJSON()],
  computing: [50, 50, 2],
  abort: "given up",
  timeout: "ERR_TASK_TIMEOUT",
  "after it": 3,
};

async function expectOutcomes(...args: string[]): Promise<void> {
  const host = startProgram(programArguments("faked-host.ts", ...args));
  for (const [call, expected] of Object.entries(OUTCOMES)) {
    const { outcome, ms } = JSON.parse(await host.said(`${call} (?={)`)) as { outcome: unknown; ms: number };
    expect(outcome, call).toEqual(expected);
    if (call === "timeout") expect(ms).toBeGreaterThan(280); // /proc/uptime counts in steps of 10 ms
  }
  await host.said("close ");
  expect((await host.ended).code).toBe(0);
}

describe("fakes of everything, process.nextTick included", () => {
  it.each([
    ["host", "before the import"],
    ["host", "after the import"],
    ["worker", "before its start"],
    ["worker", "in setup"],
    ["worker", "in a task"],
  ])("in the %s, %s", async (where, when) => {
    await expectOutcomes(where, when, "all");
  });
});

describe.runIf(name === "node")("mock.timers of node:test", () => {
  it.each([
    ["host", "before the import"],
    ["host", "after the import"],
    ["worker", "in a task"],
  ])("in the %s, %s", async (where, when) => {
    await expectOutcomes(where, when, "node:test");
  });
});

describe("fake timers of Vitest", () => {
  afterEach(() => vi.useRealTimers());

  it("stop no call, and no limit of one", async () => {
    vi.useFakeTimers({
      toFake: [
        "setTimeout",
        "clearTimeout",
        "setInterval",
        "setImmediate",
        "queueMicrotask",
        "Date",
        "performance",
        "hrtime",
      ],
    });
    const pool = adapter.createPool<typeof import("./fixtures/faked-work.ts")>(
      new URL("fixtures/faked-work.ts", import.meta.url),
      { maxWorkers: 1, killTimeout: 200 },
    );
    expect(await pool.run("add", [1, 2])).toBe(3);
    await expect(pool.run("never", [], { timeout: 100 })).rejects.toMatchObject({ code: "ERR_TASK_TIMEOUT" });
    expect(await pool.run("when", [new Date(5)])).toEqual([true, 5, new Date(5)]);
    await pool.close();
  });
});

it.runIf(name === "bun")(
  "fakes of bun:test stop the clock itself: calls go on, and limits count again after",
  async () => {
    const [file = ""] = programArguments("bun-faked-host.ts");
    const host = startProgram(["test", file]);
    expect(await host.said("during ")).toBe("3");
    expect(await host.said("another ")).toBe("3");
    expect(await host.said("after ")).toBe("ERR_TASK_TIMEOUT");
    expect(await host.said("soon ")).toBe("true");
    expect((await host.ended).code).toBe(0);
  },
);
