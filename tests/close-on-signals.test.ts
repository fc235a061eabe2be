/** `closeOnSignals: true`, on a real host that is sent a signal. */
import { describe, expect, it } from "vitest";
import { programArguments, startProgram } from "./support/host.ts";
import { assertNoLeftovers } from "./support/leftovers.ts";

const start = (ms: number, ...more: string[]) =>
  startProgram(programArguments("signalled-host.ts", String(ms), ...more));

describe("a host whose pools close on signals", () => {
  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "that is sent %s finishes what was accepted, and ends by it",
    async (name) => {
      const host = start(300);
      await host.said("busy");
      host.process.kill(name);
      const { signal, output } = await host.ended;
      expect(signal).toBe(name);
      expect(output).toContain("one finished");
      expect(output).toContain("two finished");
      await assertNoLeftovers();
    },
  );

  it("that is sent a second one rejects what still runs, and ends by the first", async () => {
    const host = start(600_000, "tell");
    await host.said("busy");
    process.kill(host.process.pid as number, "SIGINT");
    await host.said("closing"); // two of the same at once are one to the kernel
    process.kill(host.process.pid as number, "SIGINT");
    const { signal, output } = await host.ended;
    expect(signal).toBe("SIGINT");
    expect(output).toContain("one ERR_POOL_CLOSED");
    expect(output).toContain("two ERR_POOL_CLOSED");
    await assertNoLeftovers();
  });
});
