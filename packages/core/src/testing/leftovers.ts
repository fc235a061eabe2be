/**
 * For tests of applications: lists the processes of this machine, and asserts that none of this program's is left over.
 * Works in Node, Bun and Deno alike, with any test runner. Linux only: read from /proc.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { bare } from "../bare.ts";
import { UnsupportedError } from "../errors.ts";
import { descendantsOf } from "../reaping/inspect.ts";
import { strayed } from "../reaping/marked.ts";
import { type ProcessInfo, readProcesses } from "../reaping/process-table.ts";

export type { ProcessInfo };

/** Every process that can be seen. @throws UnsupportedError where /proc can't be read. */
export function listProcesses(): ProcessInfo[] {
  const processes = readProcesses(files);
  if (processes === undefined) {
    throw new UnsupportedError("Expected /proc to be readable: processes are listed from it, on Linux alone");
  }
  return processes;
}

const files = {
  readFile: (path: string) => attempt(() => readFileSync(path)),
  listFolder: (path: string) => attempt(() => readdirSync(path)),
};

export interface LeftoverOptions {
  /** How long a process that was just killed may take to disappear, in ms. Default 1 000. */
  timeout?: number | undefined;
  /** Processes that are allowed, such as those of the test runner. Default: none. */
  except?: Iterable<number> | undefined;
}

/**
 * Resolves when this process has no descendant, dead or alive, and nothing is left of what its workers have started, wherever
 * it is by now. Another process's orphan that was adopted by another ancestor is not seen; with a pool that has
 * `orphans: "adopt"`, none is.
 *
 *     afterEach(() => assertNoLeftovers());
 *
 * Rejects with an Error that lists what is left, and with an UnsupportedError where /proc can't be read.
 */
export async function assertNoLeftovers(options: LeftoverOptions = {}): Promise<void> {
  const { timeout = 1_000, except = [] } = bare(options);
  const allowed = new Set(except);
  const deadline = performance.now() + timeout;
  let left = leftovers(allowed);
  while (left.length > 0 && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    left = leftovers(allowed);
  }
  if (left.length === 0) return;
  const lines = left.map(
    ({ pid, parent, state, name }) =>
      `  ${pid} ${name} (${state === "Z" ? "zombie" : `state ${state}`}, parent ${parent})`,
  );
  throw new Error(`Expected no process to be left over, found\n${lines.join("\n")}`);
}

const LOOK_AGAIN_MS = 10;

function leftovers(allowed: ReadonlySet<number>): ProcessInfo[] {
  const all = listProcesses();
  const descendants = descendantsOf(process.pid, all);
  const left = [...descendants, ...strayed(process.pid, descendants, all, files)];
  return left.filter(({ pid }) => !allowed.has(pid));
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
