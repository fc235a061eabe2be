/**
 * The processes that a start has left: those that carry its mark in their environment, or stand in its folder. Does not use
 * the pool's own code for that: this program is here to check it. Reads /proc.
 */
import { readlinkSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { commandOf, isMarked, listPids } from "@reapool/measuring/marked";

export { canSeeProcesses } from "@reapool/measuring/marked";

/** All of a host must be gone a second after its end, but a busy machine takes longer; what stays, stays for ever. */
const GRACE_MS = 30_000;
const STEP_MS = 25;

/** @param mark `NAME=value`. @returns a line for each, after a moment for what has just been killed. */
export async function findLeftovers(mark: string, folder: string): Promise<string[]> {
  const deadline = performance.now() + GRACE_MS;
  for (;;) {
    const left = look(mark, folder);
    if (left.length === 0 || performance.now() > deadline) return left.map(describe);
    await wait(STEP_MS);
  }
}

function look(mark: string, folder: string): number[] {
  return listPids().filter((pid) => pid !== process.pid && (isMarked(pid, mark) || standsIn(pid, folder)));
}

/** Also where the folder has been deleted: the link says so behind its path. */
function standsIn(pid: number, folder: string): boolean {
  try {
    return `${readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "")}/`.startsWith(`${folder}/`);
  } catch {
    return false; // gone meanwhile, or not ours to read
  }
}

const describe = (pid: number) => `${pid} ${commandOf(pid)}`;
