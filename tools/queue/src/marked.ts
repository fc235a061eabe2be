/** The processes that bear this program's mark. Reads /proc. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { MARK } from "./player.ts";

export const canSeeProcesses: boolean = existsSync("/proc/self/stat");

export function isMarked(pid: number | string): boolean {
  return read(`/proc/${pid}/environ`).split("\0").includes(MARK);
}

/** A dead process shows no environment: a zombie is none of them. */
export function listMarked(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isMarked(name))
    .map(Number);
}

/** SIGKILL, unless the pid belongs to a stranger by now. */
export function killMarked(pid: number): boolean {
  if (!isMarked(pid)) return false;
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false; // it was gone before the signal came
  }
}

const MOST_SWEEPS = 1_000;

/** Ends all of them, and waits until they are gone; synchronously, for the end of this process. */
export function sweep(): void {
  for (let sweeps = 0; sweeps < MOST_SWEEPS; sweeps++) {
    if (listMarked().filter(killMarked).length === 0) return;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // gone meanwhile, or not ours to read
  }
}
