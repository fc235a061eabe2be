/**
 * The output of `ps` for some processes; without a suitable `ps`, the same from /proc. Owns reading both, not showing
 * them.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { listProcesses } from "reapool/testing";

export interface Listing {
  readonly by: "ps" | "/proc";
  /** A head, then a line for each process that is there. */
  readonly lines: readonly string[];
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COLUMNS = "pid,ppid,pgid,stat,args";

/**
 * @param inside A process in whose namespaces `ps` is to run: the numbers are those it has there.
 */
export async function list(pids: readonly number[], inside?: number): Promise<Listing> {
  const there = listProcesses().filter(({ pid }) => pids.includes(pid));
  const ps = there.length === 0 ? [] : await runPs(there, inside);
  if (ps !== undefined) return { by: "ps", lines: ps.map(shorten) };
  const lines = there.map(({ pid, parent, group, state, name }) =>
    [...[pid, parent, group].map((number) => String(number).padStart(7)), state.padEnd(4), name].join(" "),
  );
  return {
    by: "/proc",
    lines: ["    PID    PPID    PGID STAT COMMAND (by /proc: ps is not here)", ...lines],
  };
}

/** Undefined where no `ps` supports these columns, as with busybox. */
async function runPs(there: readonly { pid: number }[], inside?: number): Promise<string[] | undefined> {
  const numbers = there.map(({ pid }) => (inside === undefined ? pid : insideNumber(pid)));
  const ps = ["ps", "-ww", "-o", COLUMNS, "-p", numbers.join(",")];
  const enter = inside === undefined ? [] : ["nsenter", "--target", String(inside), "--pid", "--mount"];
  const [file = "", ...args] = [...enter, ...ps];
  const text = await new Promise<string>((resolve) => {
    execFile(file, args, (_error, stdout) => resolve(stdout)); // its status says only whether all were found
  });
  return /^\s*PID\s+PPID\s+PGID\s+STAT/.test(text) ? text.trimEnd().split("\n") : undefined;
}

/** A process in a PID namespace has a number in each: the last is the innermost. */
function insideNumber(pid: number): number {
  try {
    return Number(/^NSpid:.*\s(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return pid; // it has just gone
  }
}

/** Packages lie there; what is seen in node_modules is a link to it. */
const PNPM_STORE = /node_modules\/\.pnpm\/[^/]+\/(?=node_modules\/)/g;

/** Files of this repository are shown as from its root. */
function shorten(line: string): string {
  return line.replaceAll(`file://${ROOT}`, "").replaceAll(ROOT, "").replaceAll(PNPM_STORE, "");
}
