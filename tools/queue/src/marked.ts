/** The processes that bear this program's mark. Owns that they can be ended. */
import { isMarked as bears, listPids } from "@reapool/measuring/marked";
import { MARK } from "./player.ts";

export const isMarked = (pid: number): boolean => bears(pid, MARK);

export const listMarked = (): number[] => listPids().filter(isMarked);

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
