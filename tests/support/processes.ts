/** What tests ask of processes that they know by number. Reads /proc. */
import { readFileSync } from "node:fs";
import { listProcesses, type ProcessInfo } from "@reapool/core/testing";
import { vi } from "vitest";

export interface Stat {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  /** In clock ticks. */
  readonly start: number;
}

/** Undefined when there is no such process. Reads one file: the whole of /proc takes long enough to hold up the rest. */
export function statOf(pid: string): Stat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === "") return undefined;
  const [open, close] = [text.indexOf("("), text.lastIndexOf(")")]; // the name between them may hold both
  const fields = text.slice(close + 2).split(" "); // from the third of proc(5) on
  const [state = "", parent] = fields;
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state,
    parent: Number(parent),
    start: Number(fields[19]),
  };
}

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
export function until(condition: () => boolean): Promise<unknown> {
  return vi.waitUntil(condition, { timeout: 20_000, interval: 10 });
}

/** Empty when the file is gone meanwhile, or not ours to read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
