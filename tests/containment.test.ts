/**
 * However the host dies, what its workers have started goes with it, also what has left their groups; and so do the workers of
 * a pool in a worker, and what these have started.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { tagged } from "../packages/core/src/testing/escapes.ts";
import { adapter } from "./support/adapter.ts";
import { type Host, programArguments, startProgram } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { readText } from "./support/proc.ts";
import { until } from "./support/processes.ts";

/** Where the hosts of a test put their folders. */
let temporary: string;
/** What each process that a worker starts has in its arguments. */
let tag: string;
let host: Host;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "contained-"));
  tag = `0${process.pid}.${String(Math.random()).slice(2)}`;
});
afterEach(async () => {
  end(host.process.pid as number);
  await host.ended;
  for (const pid of sleepers()) end(pid);
  rmSync(temporary, { recursive: true });
});

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it is gone
  }
}

/** Those that run already: what starts one has its command line too, and is gone a moment later. */
const sleepers = () => tagged(`sleep 6${tag}`).filter((pid) => readText(`/proc/${pid}/comm`) === "sleep\n");

async function start(...args: string[]): Promise<Record<string, number>> {
  host = startProgram(programArguments("contained-host.ts", ...args), { ...process.env, TMPDIR: temporary });
  return JSON.parse(await host.said("workers")) as Record<string, number>;
}

describe.skipIf(!canSeeProcesses || !adapter.runtime.capabilities.processTrees)("what left its group", () => {
  it("goes with a host that is killed while its workers are idle, busy and stopped, and so does the folder", async () => {
    await start("tree", tag);
    await until(() => sleepers().length === 12);
    process.kill(host.process.pid as number, "SIGKILL");
    await until(() => sleepers().length === 0);
    await until(() => readdirSync(temporary).length === 0);
  });

  it('stays with `containment: "group"`, so that this test can fail', async () => {
    await start("group", tag);
    await until(() => sleepers().length === 12);
    process.kill(host.process.pid as number, "SIGKILL");
    await until(() => readdirSync(temporary).length === 0); // the guard is done
    expect(sleepers().length).toBe(12);
  });

  /** The user of the worker that has a pool of its own, and that of the workers of that pool; empty: the same. */
  const USERS = {
    "of one user": ["", ""],
    "of another user": ["61234", ""],
    "whose workers are of another": ["", "61234"],
  };

  it.for(
    Object.entries(USERS).flatMap(([name, users]) =>
      ["worker", "host"].map((who) => [name, who, users] as const),
    ),
  )(
    "goes with a worker that has a pool of its own, %s, when the %s is killed, and bears the marks of both",
    async ([, who, users], { skip }) => {
      if (users.some((user) => user !== "") && process.getuid?.() !== 0) skip("another user takes root");
      chmodSync(temporary, 0o777);
      const { outer } = await start("tree", tag, "nested", ...users);
      await until(() => sleepers().length === 6 && readdirSync(temporary).length === 2);
      const marks = () => sleepers().map((pid) => marksOf(pid).size);
      // Two have cleared theirs. One that has just begun another program may show none for a moment.
      await vi.waitFor(() => expect(marks().filter((size) => size > 0)).toEqual([2, 2, 2, 2]), {
        timeout: 30_000,
      });
      process.kill(who === "host" ? (host.process.pid as number) : (outer as number), "SIGKILL");
      await until(() => sleepers().length === 0);
      // The host's own is in use, unless it is the one that has died.
      await until(() => readdirSync(temporary).length === (who === "host" ? 0 : 1));
    },
  );
});

/** The names of the marks that a process bears. */
function marksOf(pid: number): Set<string> {
  const entries = readText(`/proc/${pid}/environ`).split("\0");
  return new Set(entries.flatMap((entry) => /^(REAPOOL_[a-z0-9]+)=\d+$/.exec(entry)?.[1] ?? []));
}
