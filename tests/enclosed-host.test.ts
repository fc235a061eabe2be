/** However a host dies, nothing survives that a contained worker has started, and no cgroup is left. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Host, programArguments, startProgram } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { until } from "./support/processes.ts";

/** The fixture has as many ways to get away. */
const WAYS = 5;

/** Those that have got away, living: their arguments have the token, and a zombie has no arguments. */
function escaped(token: string): number[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`\0${token}-`) ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

/** The folder of the cgroups of this host's workers, which are known by one of those that got away. */
function cgroupOf(pid: number | undefined): string | undefined {
  const own = /^0::(.*)\/\d+$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1];
  const mount = /^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2 /m.exec(
    readFileSync("/proc/self/mountinfo", "utf8"),
  )?.[1];
  return own === undefined ? undefined : `${mount}${own}`;
}

async function start(level: string, folder: string): Promise<{ host: Host; token: string; lacks: string }> {
  const token = `escape-${randomUUID().slice(0, 8)}`;
  const host = startProgram(programArguments("enclosed-host.ts", level, token, folder));
  return { host, token, lacks: await host.said("ready") };
}

describe.skipIf(!canSeeProcesses)("when its host dies", () => {
  for (const level of ["cgroup", "pid-namespace"]) {
    it.for(["SIGKILL", "SIGTERM"] as const)(
      `by %s: all that a worker in a ${level} has started is gone`,
      async (signal, { skip }) => {
        const folder = mkdtempSync(join(tmpdir(), "contained-"));
        try {
          const { host, token, lacks } = await start(level, folder);
          if (lacks !== "") skip(lacks);
          expect(escaped(token).length).toBeGreaterThanOrEqual(WAYS);
          const cgroup = level === "cgroup" ? cgroupOf(escaped(token)[0]) : undefined;
          if (cgroup !== undefined) expect(readdirSync(cgroup)).toContain("1");
          process.kill(host.process.pid as number, signal);
          expect((await host.ended).signal).toBe(signal);
          await until(() => escaped(token).length === 0);
          if (cgroup !== undefined) await until(() => !isThere(cgroup));
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    );
  }

  it('by SIGKILL: what got away from a worker with containment "group" survives, so these tests can fail', async () => {
    const folder = mkdtempSync(join(tmpdir(), "contained-"));
    const { host, token } = await start("group", folder);
    try {
      process.kill(host.process.pid as number, "SIGKILL");
      await host.ended;
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(escaped(token).length).toBeGreaterThanOrEqual(WAYS);
    } finally {
      rmSync(folder, { recursive: true }); // those that bring each other back go with it
      await until(() => {
        const left = escaped(token);
        for (const pid of left) kill(pid);
        return left.length === 0;
      });
    }
  });
});

function isThere(folder: string): boolean {
  try {
    readdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has ended by itself
  }
}
