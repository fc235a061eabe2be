/** The negative control of the check that runs after every test: it must be able to fail. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, vi } from "vitest";
import { assertNoLeftovers, canSeeProcesses, leftovers } from "./support/leftovers.ts";

describe.skipIf(!canSeeProcesses)("the check for leftovers", () => {
  it("finds a process that a test left running", async () => {
    const child = spawn("/bin/sleep", ["300"], { stdio: "ignore" });
    await once(child, "spawn");
    await expect(assertNoLeftovers(1_000)).rejects.toThrow(`${child.pid} S`);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(leftovers()).toEqual([]);
  });

  it("finds an orphan that nothing links to this process any more", async () => {
    const shell = spawn("/bin/sh", ["-c", "sleep 300 >/dev/null 2>&1 & echo $!"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const [bytes] = (await once(shell.stdout, "data")) as [Buffer];
    const orphan = Number(String(bytes));
    await expect(assertNoLeftovers(1_000)).rejects.toThrow(`${orphan} S`);
    process.kill(orphan, "SIGKILL");
  });

  it("finds a zombie", async () => {
    // The shell becomes a `sleep`, which knows nothing of the child it inherits and never waits for it.
    const parent = spawn("/bin/sh", ["-c", "sleep 0.05 & exec sleep 300"], { stdio: "ignore" });
    await once(parent, "spawn");
    const isZombie = ({ state }: { state: string }) => state === "Z";
    await vi.waitUntil(() => leftovers().some(isZombie), { timeout: 10_000 });
    await expect(assertNoLeftovers(1_000)).rejects.toThrow(/\d+ Z .*sleep/);
    parent.kill("SIGKILL");
    await once(parent, "exit");
  });
});
