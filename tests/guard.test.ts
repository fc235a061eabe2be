/** The guard as a process: one for all pools, in nobody's way, replaced when it dies, gone with the last pool. */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { adapter } from "./support/adapter.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { guardsOf, isThere, until } from "./support/processes.ts";

const work = new URL("./fixtures/work.ts", import.meta.url);
const guards = () => guardsOf(process.pid).map(({ pid }) => pid);

async function theGuard(): Promise<number> {
  await until(() => guards().length === 1);
  return guards()[0] as number;
}

/** On a busy machine it is killed when the last pool is closed, and gone a moment later. */
const noGuard = () => until(() => guards().length === 0);

describe.skipIf(!canSeeProcesses)("the guard", () => {
  it("is started with the first worker, serves all pools and is gone when the last is closed", async () => {
    await noGuard(); // of another test
    const first = adapter.createPool(work);
    expect(guards()).toEqual([]);
    await first.run("add", [1, 2]);
    const guard = await theGuard();
    const second = adapter.createPool(work);
    await second.run("add", [1, 2]);
    await first.close();
    expect(guards()).toEqual([guard]);
    await second.close();
    await until(() => !isThere(guard)); // not as a zombie either
  });

  it("leads a session of its own and holds nothing of its host's: no standard stream, no other file, no folder", async () => {
    const pool = adapter.createPool(work);
    await pool.run("add", [1, 2]);
    const guard = await theGuard();
    const targets = readdirSync(`/proc/${guard}/fd`).map((fd) => [
      fd,
      readlinkSync(`/proc/${guard}/fd/${fd}`),
    ]);
    const few = Object.fromEntries(targets.filter(([fd]) => Number(fd) < 10));
    expect(Object.keys(few)).toEqual(["0", "1", "2", "3"]);
    expect(few["0"]).toMatch(/^(pipe|socket):/);
    expect(few["1"]).toMatch(/^(pipe|socket):/); // its answers
    expect(few["2"]).toBe("/dev/null");
    expect(few["3"]).toMatch(/\/reapool-[^/]+\/groups$/);
    expect(readlinkSync(`/proc/${guard}/cwd`)).toBe("/");
    expect(guardsOf(process.pid)[0]?.session).toBe(guard);
    await pool.close();
  });

  it("is held by its host alone: no worker has the other end of its input", async () => {
    const pool = adapter.createPool(work, { minWorkers: 2, maxWorkers: 2 });
    await pool.ready();
    const input = readlinkSync(`/proc/${await theGuard()}/fd/0`);
    for (const { pid } of pool.workers) {
      const held = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`));
      expect(held).not.toContain(input);
    }
    await pool.close();
  });

  it("is replaced when it dies, again and again, and the pool takes no notice", async () => {
    const pool = adapter.createPool(work);
    for (let i = 0; i < 3; i++) {
      expect(await pool.run("add", [i, 1])).toBe(i + 1);
      const guard = await theGuard();
      process.kill(guard, "SIGKILL");
      await until(() => guards().length === 1 && guards()[0] !== guard);
    }
    await pool.close();
    await noGuard();
  });

  it("that is stopped delays no close", async () => {
    const pool = adapter.createPool(work);
    await pool.run("add", [1, 2]);
    process.kill(await theGuard(), "SIGSTOP");
    await pool.close();
    await noGuard();
  });

  it("takes less than 2 MB, where /bin/sh is a small shell", async (context) => {
    const shell = basename(realpathSync("/bin/sh"));
    if (!["dash", "busybox"].includes(shell)) context.skip(`/bin/sh is ${shell}`);
    const pool = adapter.createPool(work);
    await pool.run("add", [1, 2]);
    const status = readFileSync(`/proc/${await theGuard()}/status`, "utf8");
    expect(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(2_000);
    await pool.close();
  });
});

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ""; // closed meanwhile
  }
}
