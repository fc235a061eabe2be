/** What a program can ask about its own processes, for its tests and health checks: read from /proc, Linux only. */
import { UnsupportedError } from "../errors.ts";
import type { Runtime } from "../port/runtime.ts";
import { strayed } from "./marked.ts";
import { type ProcessInfo, readProcesses } from "./process-table.ts";

/**
 * Every descendant of this process, zombies included, and what its workers have started that is none any more: what has left
 * its group, session and parent (Linux; found as `worker.containment: "tree"` finds it). An orphan is a descendant of the process that adopted it.
 *
 * @throws UnsupportedError where /proc can't be read: on macOS, without /proc, in Deno without `--allow-all`.
 */
export type ListDescendants = () => ProcessInfo[];

/** The descendants that are dead and have not been reaped. @throws UnsupportedError as `listDescendants` does. */
export type ListZombies = () => ProcessInfo[];

/** For adapters: `listDescendants` on their runtime. */
export function listDescendantsOn(runtime: Runtime): ListDescendants {
  return () => {
    const all = readProcesses(runtime);
    if (all === undefined) {
      throw new UnsupportedError(
        "Expected /proc to be readable: processes are listed from it. It is there on Linux, where it is mounted; " +
          "Deno reads it with --allow-all alone",
      );
    }
    const descendants = descendantsOf(runtime.pid, all);
    return [...descendants, ...strayed(runtime.pid, descendants, all, runtime)];
  };
}

/** For adapters: `listZombies` on their runtime. */
export function listZombiesOn(runtime: Runtime): ListZombies {
  const listDescendants = listDescendantsOn(runtime);
  return () => listDescendants().filter(({ state }) => state === "Z");
}

/**
 * Walks generation by generation. A table does not show a single moment: if a number was reused while it was read,
 * two processes may be each other's parent in it. So each is listed once, and the ancestor itself never.
 */
export function descendantsOf(ancestor: number, all: readonly ProcessInfo[]): ProcessInfo[] {
  const known = new Set([ancestor]);
  const found: ProcessInfo[] = [];
  for (const above of known) {
    for (const info of all) {
      if (info.parent !== above || known.has(info.pid)) continue;
      known.add(info.pid); // grows during the walk
      found.push(info);
    }
  }
  return found;
}
