/**
 * However the host dies, nothing of it survives, whatever its workers do at that moment. Times are measured by
 * `npm run prove`; here they are only bounded.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listProcesses } from "@reapool/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Host, startDoomedHost } from "./support/host.ts";
import { canSeeProcesses } from "./support/leftovers.ts";
import { statOf } from "./support/proc.ts";
import { alive, guardsOf, until } from "./support/processes.ts";

/** Where the hosts of a test put their socket folder. */
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "host-"));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** Those of a test that failed where no guard is left. */
const groups = new Set<number>();
afterEach(() => {
  for (const group of groups) {
    try {
      process.kill(-group, "SIGKILL");
    } catch {
      // gone, as it should be
    }
  }
  groups.clear();
});

type WorkerState = "idle" | "waiting" | "busy" | "trapped" | "stopped";

interface Doomed {
  readonly host: Host;
  readonly pid: number;
  readonly workers: Readonly<Record<WorkerState, number>>;
  readonly guard: number;
  /** Workers, their grandchildren and the guard. */
  readonly everybody: readonly number[];
}

async function start(...manner: string[]): Promise<Doomed> {
  const host = startDoomedHost({ ...process.env, TMPDIR: temporary }, ...manner);
  const workers = JSON.parse(await host.said("workers")) as Doomed["workers"];
  const pid = host.process.pid as number;
  for (const leader of Object.values(workers)) groups.add(leader);
  await untilBusy(workers.busy, workers.trapped);
  const members = listProcesses().filter(({ group }) => groups.has(group));
  const guard = guardsOf(pid)[0]?.pid ?? 0;
  return { host, pid, workers, guard, everybody: [...members.map((member) => member.pid), guard] };
}

/** Until they compute: the host tells who will before its calls have reached them. */
async function untilBusy(...pids: readonly number[]): Promise<void> {
  const cpu = (pid: number) => statOf(String(pid))?.cpu ?? 0;
  const before = new Map(pids.map((pid) => [pid, cpu(pid)]));
  const ENOUGH_TICKS = 10; // more than it takes to be idle
  await until(() => pids.every((pid) => cpu(pid) >= (before.get(pid) ?? 0) + ENOUGH_TICKS));
}

const nothingIsLeft = ({ everybody }: Doomed) => until(() => alive(everybody).length === 0);

describe.skipIf(!canSeeProcesses)("when its host dies", () => {
  it.each(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "by %s: workers idle, waiting, busy, deaf to SIGTERM and stopped, their grandchildren, the guard and the folder are gone",
    async (signal) => {
      const doomed = await start();
      expect(alive(doomed.everybody).length).toBeGreaterThanOrEqual(11); // 5 workers, 5 grandchildren, the guard
      process.kill(doomed.pid, signal);
      expect((await doomed.host.ended).signal).toBe(signal);
      await nothingIsLeft(doomed);
      await until(() => readdirSync(temporary).length === 0);
    },
  );

  it.each([
    ["exit()", "exit", 5],
    ["an uncaught throw", "throw", 1],
  ])("by %s: the same", async (_name, manner, code) => {
    const host = startDoomedHost({ ...process.env, TMPDIR: temporary }, manner);
    const workers = JSON.parse(await host.said("workers")) as Doomed["workers"];
    for (const leader of Object.values(workers)) groups.add(leader);
    expect((await host.ended).code).toBe(code);
    await until(() => listProcesses().every(({ group, state }) => !groups.has(group) || state === "Z"));
    await until(() => readdirSync(temporary).length === 0);
  });

  it("by the signal that a terminal or a shell sends to its whole group: the guard is in none", async () => {
    const doomed = await start();
    process.kill(-doomed.pid, "SIGINT");
    expect((await doomed.host.ended).signal).toBe("SIGINT");
    await nothingIsLeft(doomed);
  });

  it("not by SIGPIPE, which every runtime ignores: host, workers and guard go on", async () => {
    const doomed = await start();
    const before = alive(doomed.everybody);
    process.kill(doomed.pid, "SIGPIPE");
    process.kill(doomed.pid, "SIGUSR2");
    expect(await doomed.host.said("sum")).toBe("3");
    expect(alive(doomed.everybody)).toEqual(before);
    process.kill(doomed.pid, "SIGKILL");
    await nothingIsLeft(doomed);
  });

  it("after its guard has been killed: another has learnt the groups anew", async () => {
    const doomed = await start();
    process.kill(doomed.guard, "SIGKILL");
    await until(() => guardsOf(doomed.pid).some(({ pid }) => pid !== doomed.guard));
    process.kill(doomed.pid, "SIGKILL");
    await doomed.host.ended;
    await nothingIsLeft(doomed);
    await until(() => readdirSync(temporary).length === 0);
  });

  it("together with its guard: busy, deaf and stopped workers survive, so these tests can fail", async () => {
    const doomed = await start();
    const { idle, waiting, busy, trapped, stopped } = doomed.workers;
    process.kill(doomed.pid, "SIGSTOP"); // it can't replace the guard
    process.kill(doomed.guard, "SIGKILL");
    process.kill(doomed.pid, "SIGKILL");
    await doomed.host.ended;
    await until(() => alive([idle, waiting]).length === 0);
    expect(alive([busy, trapped, stopped])).toHaveLength(3);
    for (const leader of Object.values(doomed.workers)) process.kill(-leader, "SIGKILL");
    await nothingIsLeft(doomed);
  });
});
