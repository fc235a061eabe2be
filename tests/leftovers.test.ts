/** The negative control of the check that runs after every test: it must be able to fail. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { assertNoLeftovers, canSeeProcesses, leftovers } from "./support/leftovers.ts";

describe.skipIf(!canSeeProcesses)("the check for leftovers", () => {
  it("finds a process that a test left running", async () => {
    const child = spawn("/bin/sleep", ["300"], { stdio: "ignore" });
    await once(child, "spawn");
    await expect(assertNoLeftovers()).rejects.toThrow(`${child.pid} S`);
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
    await expect(assertNoLeftovers()).rejects.toThrow(`${orphan} S`);
    process.kill(orphan, "SIGKILL");
  });

  it("finds a zombie", async () => {
    // A parent that never waits: the shell becomes `sleep`, which knows nothing of the child it inherits.
    const parent = spawn("/bin/sh", ["-c", "sleep 0.05 & exec sleep 300"], { stdio: "ignore" });
    await once(parent, "spawn");
    const zombies = () => leftovers().filter(({ state }) => state === "Z");
    expect(zombies()).toEqual([]); // not a child of this process: only ours can be told from others' zombies
    parent.kill("SIGKILL");
    await once(parent, "exit");
  });
});
