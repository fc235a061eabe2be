/**
 * What a test must not leave behind: processes and zombies. Every process that a test starts, and whatever
 * that starts in turn, inherits a mark in its environment, so that an orphan is found although nothing links
 * it to us any more. Reads /proc: Linux only.
 */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readText, type Stat, statOf } from "./proc.ts";

const MARK = `TEST_MARK=${randomUUID()}`;

/** From now on what this process starts carries the mark; its own environment in /proc does not change. */
export function mark(): void {
  const [name, value] = MARK.split("=") as [string, string];
  process.env[name] = value;
}

export interface Leftover {
  readonly pid: number;
  readonly state: string;
  readonly command: string;
}

export const canSeeProcesses: boolean = existsSync("/proc/self/stat");

/** Marked processes that live, and zombies whose parent is this process or a marked one. */
export function leftovers(): Leftover[] {
  const all = processes().map((stat) => ({
    ...stat,
    isMarked: stat.start >= ownStart && isMarked(stat.pid),
  }));
  const ours = new Set(all.filter((info) => info.isMarked).map(({ pid }) => pid)).add(process.pid);
  // A zombie has no environment any more: it is known by its parent.
  return all
    .filter(({ isMarked, state, parent }) => isMarked || (state === "Z" && ours.has(parent)))
    .map(({ pid, state, name }) => ({ pid, state, command: commandOf(pid) || name }));
}

/** What is older than this process can't be started by it: its environment, most of the work, is not read. */
const ownStart = canSeeProcesses ? (statOf("self")?.start ?? 0) : 0;

function processes(): Stat[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(statOf).filter((stat) => stat !== undefined);
}

const isMarked = (pid: number) => readText(`/proc/${pid}/environ`).split("\0").includes(MARK);
const commandOf = (pid: number) => readText(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();

/**
 * @param timeout In milliseconds: how long processes that are about to go may take, such as one just killed, a child that
 * the runtime has yet to collect, or a guard that is still looking. A second is enough for each, but not on a busy machine;
 * `npm run prove` measures it.
 * @throws Error naming what is left.
 */
export async function assertNoLeftovers(timeout = 10_000): Promise<void> {
  const deadline = performance.now() + timeout;
  let left = leftovers();
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    left = leftovers();
  }
  if (left.length === 0) return;
  const lines = left.map(({ pid, state, command }) => `  ${pid} ${state} ${command}`);
  throw new Error(`Expected no process to be left over, found\n${lines.join("\n")}`);
}
