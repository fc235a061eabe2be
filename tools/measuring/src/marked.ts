/** Processes that carry a mark in their environment, which what they start inherits. Reads /proc. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

export const canSeeProcesses: boolean = existsSync("/proc/self/stat");

/** @param mark `NAME=value`. A dead process shows no environment: a zombie is none of them. */
export function isMarked(pid: number, mark: string): boolean {
  return readProc(`${pid}/environ`).split("\0").includes(mark);
}

export function listPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function commandOf(pid: number): string {
  return readProc(`${pid}/cmdline`).replaceAll("\0", " ").trim();
}

/** Empty where it can't be read: gone meanwhile, or not ours. */
export function readProc(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return "";
  }
}
