/** A browser's processes: where there is one, which processes it has, and which of them are left. Reads /proc. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { listProcesses } from "@reapool/core/testing";
import { readText, statOf } from "./proc.ts";

/** Debian's, which every runtime may start as root; undefined where it is not on the PATH. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, "chromium")).find((file) => existsSync(file));
}

/** A process, and not another one that has got its number meanwhile. */
export interface Sighting {
  readonly pid: number;
  readonly start: number;
  readonly name: string;
}

/**
 * What has the text in its command line or its environment, whatever descends from that, and whatever is in a session
 * that one of them leads. A zygote and what it forks show neither; the crash handler is a daemon in a session of its own.
 */
export function browserProcesses(text: string): Sighting[] {
  const names = (pid: number, file: string) => readText(`/proc/${pid}/${file}`).includes(text);
  const all = listProcesses().filter(({ state }) => state !== "Z");
  const found = new Set(
    all.map(({ pid }) => pid).filter((pid) => names(pid, "cmdline") || names(pid, "environ")),
  );
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent, session } of all) {
      if (found.has(parent) || found.has(session)) found.add(pid);
    }
  }
  return [...found]
    .flatMap((pid) => statOf(String(pid)) ?? [])
    .map(({ pid, start, name }) => ({ pid, start, name }));
}

/**
 * Those of them that run still, or else those that have come since. To look for others is dear, and whoever looks holds up
 * what it looks for: so not before all that is known is gone.
 */
export function leftOf(seen: readonly Sighting[], text: string): Sighting[] {
  const left = seen.filter(({ pid, start }) => {
    const stat = statOf(String(pid));
    return stat !== undefined && stat.start === start && !["Z", "X"].includes(stat.state);
  });
  return left.length > 0 ? left : browserProcesses(text);
}

/** Nothing is left a second after the end of a worker or a host: so it is promised. */
const PROMISED_MS = 1_000;
/**
 * What is added for a machine that is busy with other things: the looks that find a browser are the work of a shell, which waits
 * for its turn as everybody does, and here five browsers end at once. Where 25 programs wanted one of two processors, it took
 * 0.5 to 3.3 s from a worker's exit, and 0.9 to 1.6 s from a host's; a machine of others' may be busier. What stays, stays longer.
 */
const ALLOWANCE_MS = 29_000;
export const LIMIT_MS: number = PROMISED_MS + ALLOWANCE_MS;

/** Resolves to how long it took from now until none of them was left, or to what is left at the limit. */
export async function untilGone(seen: readonly Sighting[], text: string, limit = LIMIT_MS) {
  const from = performance.now();
  let left = leftOf(seen, text);
  while (left.length > 0 && performance.now() < from + limit) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = leftOf(seen, text);
  }
  return { left, ms: performance.now() - from };
}
