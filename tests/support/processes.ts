/** What tests ask of processes that they know by number. Reads /proc. */
import { setTimeout as wait } from "node:timers/promises";
import { listProcesses, type ProcessInfo } from "@reapool/core/testing";
import { statOf } from "./proc.ts";

/** The letter `ps` shows; undefined when there is no such process. */
export const stateOf = (pid: number): string | undefined => statOf(String(pid))?.state;

/** A zombie is there still. */
export const isThere = (pid: number): boolean => stateOf(pid) !== undefined;

/** Those of them that run or could: a zombie does neither. */
export function alive(pids: readonly number[]): number[] {
  return pids.filter((pid) => !["Z", "X", undefined].includes(stateOf(pid)));
}

/** The guards of a host: shells that lead a session of their own below it. */
export function guardsOf(host: number): ProcessInfo[] {
  return listProcesses().filter(
    ({ pid, parent, session, name, state }) =>
      parent === host && session === pid && name === "sh" && state !== "Z",
  );
}

/** A deadline for what would hang; what is promised within a second is measured by `npm run prove`. */
export async function until(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !condition(); await wait(10)) {
    if (performance.now() > end) throw new Error(`Expected within 20 s: ${condition}`);
  }
}
