/**
 * The files of /proc that the tests read. The set-up file of every test needs them, so this imports nothing of the
 * packages: what it imports, a change of it runs every test anew (`--changed`).
 */
import { readFileSync } from "node:fs";

export interface Stat {
  readonly pid: number;
  readonly name: string;
  readonly state: string;
  readonly parent: number;
  /** In clock ticks. */
  readonly start: number;
  /** Processor time so far, in clock ticks. */
  readonly cpu: number;
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
    cpu: Number(fields[11]) + Number(fields[12]),
  };
}

/** Empty when the file is gone meanwhile, or not ours to read. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
