/** The check for people's own tests, on real processes: it must find what is there, and nothing else. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test, vi } from "vitest";
import { descendantsOf } from "../../src/reaping/inspect.ts";
import { registerMark } from "../../src/reaping/marked.ts";
import { assertNoLeftovers, listProcesses } from "../../src/testing/leftovers.ts";
import { canSeeProcesses, endGroups, startLeader, stateOf } from "../support/real-processes.ts";

const SLEEPER = "echo ready; exec sleep 300";

/** What the test runner has started itself. */
const before = () => descendantsOf(process.pid, listProcesses()).map(({ pid }) => pid);

const nameOf = (wanted: number) => listProcesses().find(({ pid }) => pid === wanted)?.name;

afterEach(endGroups);

describe.skipIf(!canSeeProcesses)("assertNoLeftovers", () => {
  test("resolves where nothing is left", async () => {
    const { pid, ended } = await startLeader(SLEEPER);
    process.kill(pid, "SIGKILL");
    await ended;
    await assertNoLeftovers({ except: before() });
  });

  test("finds a process that lives, and says which", async () => {
    const except = before();
    const { pid } = await startLeader(SLEEPER);
    await expect(assertNoLeftovers({ timeout: 0, except })).rejects.toThrow(
      new RegExp(
        `^Expected no process to be left over, found\n {2}${pid} \\S+ \\(state [SDR], parent ${process.pid}\\)$`,
      ),
    );
  });

  test("finds a zombie, which its parent is to blame for", async () => {
    const except = before();
    // The shell becomes a sleep, which never waits for what it has inherited.
    const { pid, said } = await startLeader("sleep 300 >/dev/null & echo $!; exec sleep 300");
    const zombie = Number(said);
    await vi.waitUntil(() => nameOf(pid) === "sleep", { timeout: 30_000 });
    process.kill(zombie, "SIGKILL");
    await vi.waitUntil(() => stateOf(zombie) === "Z", { timeout: 30_000 });
    const failure = assertNoLeftovers({ timeout: 0, except });
    await expect(failure).rejects.toThrow(new RegExp(`\n {2}${zombie} \\S+ \\(zombie, parent ${pid}\\)`));
    await expect(assertNoLeftovers({ timeout: 0, except: [...except, pid] })).rejects.toThrow(`${zombie} `);
    await assertNoLeftovers({ timeout: 0, except: [...except, pid, zombie] });
  });

  test("finds what was started by what was started", async () => {
    const except = before();
    const { said } = await startLeader("sleep 300 >/dev/null & echo $!; wait");
    await expect(assertNoLeftovers({ timeout: 0, except })).rejects.toThrow(`\n  ${said} `);
  });

  test("passes over what is excepted, given as any iterable", async () => {
    const { pid } = await startLeader(SLEEPER);
    await assertNoLeftovers({ timeout: 0, except: new Set([...before(), pid]) });
  });

  test("passes over the processes of others", async () => {
    const except = before();
    expect(listProcesses().some(({ pid }) => pid === process.ppid)).toBe(true);
    await assertNoLeftovers({ timeout: 0, except });
  });

  test("finds what has left everything but the mark of this process's workers", async () => {
    const except = before();
    const mark = `REAPOOL_t${process.pid}`;
    registerMark(mark);
    const start = (env: string) =>
      startLeader(`${env} setsid -f sh -c 'echo $$; exec sleep 300 >/dev/null' & wait`).then(({ said }) =>
        Number(said),
      );
    const [marked, spared, other] = [
      await start(`${mark}=1`),
      await start(`${mark}=1 REAPOOL_OUTLIVES=1`),
      await start(`${mark}x=1`),
    ];
    try {
      const error = await assertNoLeftovers({ timeout: 0, except }).catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(`\n  ${marked} `);
      for (const pid of [spared, other]) expect(String(error)).not.toContain(`\n  ${pid} `);
    } finally {
      for (const pid of [marked, spared, other]) process.kill(pid, "SIGKILL");
    }
  });

  test("waits for what is about to go, and no longer", async () => {
    const except = before();
    const { pid, ended } = await startLeader(SLEEPER);
    const finding = assertNoLeftovers({ timeout: 60_000, except });
    setTimeout(() => process.kill(pid, "SIGKILL"), 50);
    await finding;
    expect(stateOf(pid)).toBeUndefined();
    await ended;
  });

  test("waits a second where nothing is said, then rejects", async () => {
    const except = before();
    await startLeader(SLEEPER);
    const start = performance.now();
    await expect(assertNoLeftovers({ except })).rejects.toThrow("Expected no process to be left over");
    expect(performance.now() - start).toBeGreaterThanOrEqual(1_000);
  });
});

describe.skipIf(!canSeeProcesses)("listProcesses", () => {
  test("tells this process and what it has started", async () => {
    const sleeper = spawn("sleep", ["300"], { stdio: "ignore" });
    try {
      await once(sleeper, "spawn");
      // Between fork and exec it still has the name of the runtime.
      await vi.waitUntil(() => nameOf(sleeper.pid as number) === "sleep", { timeout: 30_000 });
      const all = listProcesses();
      expect(all.find(({ pid }) => pid === sleeper.pid)?.parent).toBe(process.pid);
      expect(all.find(({ pid }) => pid === process.pid)?.parent).toBe(process.ppid);
    } finally {
      sleeper.kill("SIGKILL");
      await once(sleeper, "exit");
    }
  });
});

describe.skipIf(canSeeProcesses)("without /proc", () => {
  test("both say that they can't see", async () => {
    expect(() => listProcesses()).toThrow(expect.objectContaining({ code: "ERR_UNSUPPORTED" }));
    await expect(assertNoLeftovers()).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  });
});
