/**
 * The second act in one runtime: kills a host in the middle of its work, and measures how long it takes until nothing
 * is left of it. Owns that host's process, its temporary folder, and the clean-up of anything left.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { canSeeProcesses, findLive, groupsBelow, settled } from "./processes.ts";
import { type RuntimeProcess, startProgram } from "./runtime-process.ts";
import type { RuntimeName } from "./runtimes.ts";

export interface SecondAct {
  /** Three workers, a grandchild of one of them, the guard: with fewer, "nothing left" would mean little. */
  readonly processesExpected: number;
  /** Live descendants of the host and members of their groups, at the moment before it was killed. */
  readonly processesBeforeKill: number;
  /** Those of them that stayed; zombies are no longer ours, but init's to reap. */
  readonly processesLeft: number;
  /** Whether the folder of the host's socket stayed. */
  readonly socketFolderLeft: boolean;
  /** From the kill until nothing was left; null if something stayed. */
  readonly secondsUntilGone: number | null;
  /** What went wrong on the way there, in words. */
  readonly problems: readonly string[];
}

const PROCESSES_EXPECTED = 3 + 1 + 1;
/**
 * How long the workers may take until all are at work. Starts are slow on a busy machine; longer than this, and they
 * fail.
 */
const AT_WORK_MS = 50_000;

/** Resolves to null where there is no /proc to count by, or the runtime is not installed. */
export async function playSecondAct(runtime: RuntimeName, interrupt: AbortSignal): Promise<SecondAct | null> {
  if (!canSeeProcesses()) return null;
  const temporary = mkdtempSync(join(tmpdir(), "doomed-"));
  try {
    const host = startProgram(runtime, { type: "doomed host" }, interrupt, { TMPDIR: temporary });
    return host === undefined ? null : await killAndCount(host, temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

async function killAndCount(host: RuntimeProcess, temporary: string): Promise<SecondAct> {
  const problems = await waitUntilAtWork(host);
  const groups = groupsBelow(host.pid);
  const processesBeforeKill = findLive(groups).length;
  if (problems.length === 0 && !hasSocketFolder(temporary)) {
    problems.push("there was no socket folder before the kill");
  }

  const killed = performance.now();
  host.kill();
  await host.ended;
  const { left, socketFolderLeft } = await settled(
    () => ({ left: findLive(groups), socketFolderLeft: hasSocketFolder(temporary) }),
    (found) => found.left.length === 0 && !found.socketFolderLeft,
  );
  const seconds = Math.round(performance.now() - killed) / 1_000;
  for (const { pid } of left) end(pid);
  return {
    processesExpected: PROCESSES_EXPECTED,
    processesBeforeKill,
    processesLeft: left.length,
    socketFolderLeft,
    secondsUntilGone: left.length > 0 || socketFolderLeft ? null : seconds,
    problems,
  };
}

/** Resolves to the problems that prevented it. */
async function waitUntilAtWork(host: RuntimeProcess): Promise<string[]> {
  const atWork = async () => {
    for await (const { type } of host.messages) if (type === "at work") return [];
    return [`the host ${await host.ended} before its workers were at work`];
  };
  const noWait = new AbortController();
  const late = delay(AT_WORK_MS, [`its workers were not at work after ${AT_WORK_MS / 1_000} s`], noWait);
  late.catch(() => {}); // aborted below
  try {
    return await Promise.race([atWork(), late]);
  } finally {
    noWait.abort();
  }
}

/** A runtime may put other files there: only the pool's own count. */
function hasSocketFolder(temporary: string): boolean {
  return readdirSync(temporary).some((name) => name.startsWith("reapool-"));
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has gone by itself since
  }
}
