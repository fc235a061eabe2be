/** What the port does with the very process it runs in: that takes one that may end. */
import { describe, expect, it, type TestContext } from "vitest";
import { type Host, programArguments, startCommand, startProgram } from "./support/host.ts";
import { otherUser, pidNamespace, type Wrapper } from "./support/sandbox.ts";

const SIGNALS = [
  ["SIGTERM", 15],
  ["SIGINT", 2],
  ["SIGHUP", 1],
] as const;

const startHost = (...scenario: string[]) => startProgram(programArguments("port-host.ts", ...scenario));

/** Starts the host behind the wrapper, or skips the test with the reason. */
function startBehind(context: TestContext, wrapper: Wrapper, ...scenario: string[]): Host {
  if (typeof wrapper === "string") context.skip(wrapper);
  const [file = "", ...more] = wrapper as readonly string[];
  return startCommand(file, [...more, process.execPath, ...programArguments("port-host.ts", ...scenario)], {
    ...process.env,
  });
}

describe("stop signals", () => {
  it("listening to them does not keep the host alive", async () => {
    const { code, output } = await startHost("listen").ended;
    expect([code, output]).toEqual([0, "said listening\n"]);
  });

  it.each(SIGNALS)("%s raised again, with nobody listening any more, ends the host", async (signal) => {
    const ended = await startHost("raise", signal).ended;
    expect(ended).toEqual({ code: null, signal, output: `said listening\nsaid heard ${signal}\n` });
  });

  it.each(SIGNALS)("%s from outside ends it when nobody listens any more", async (signal) => {
    const host = startHost("stopped");
    await host.said("listening");
    process.kill(host.process.pid as number, signal);
    expect(await host.ended).toEqual({ code: null, signal, output: "said listening\n" });
  });

  it.for(SIGNALS)("%s raised again ends PID 1 too, by its exit code", async ([signal, number], context) => {
    const { code, output } = await startBehind(context, pidNamespace, "raise", signal).ended;
    expect([code, output]).toEqual([128 + number, `said listening\nsaid heard ${signal}\n`]);
  });
});

describe("a turn of the loop", () => {
  it("comes whatever is opened and closed meanwhile, and keeps no host alive", async () => {
    const { code, output } = await startHost("turns").ended;
    const turns = ["before it listens", "", "again", "while it closes", "when closed"];
    expect([code, output]).toEqual([0, turns.map((turn) => `said ${`turned ${turn}`.trim()}\n`).join("")]);
  });
});

describe("a user without rights", () => {
  it("can't start a process as root: that is a failed start", async (context) => {
    const host = startBehind(context, otherUser, "refused");
    expect(await host.said("refused")).toBe("null null EPERM");
    expect((await host.ended).output).toMatch(/^said spawned\n/);
  });
});
