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

/** Those of them that run still, and those that have come since. */
export function leftOf(seen: readonly Sighting[], text: string): Sighting[] {
  const left = seen.filter(({ pid, start }) => {
    const stat = statOf(String(pid));
    return stat !== undefined && stat.start === start && !["Z", "X"].includes(stat.state);
  });
  const pids = new Set(left.map(({ pid }) => pid));
  return [...left, ...browserProcesses(text).filter(({ pid }) => !pids.has(pid))];
}
