/** What a program can ask about its own processes, for its tests and its health checks: read from /proc, Linux only. */
import { UnsupportedError } from "../errors.ts";
import type { Runtime } from "../port/runtime.ts";
import { type ProcessInfo, readProcesses } from "./process-table.ts";

/**
 * Every process below this one: what it started, what these started, and so on; zombies too. An orphan is below
 * whoever adopted it.
 *
 * @throws UnsupportedError where /proc can't be read: on macOS, without /proc, in Deno without `--allow-all`.
 */
export type ListDescendants = () => ProcessInfo[];

/** Those of them that are dead and that nobody has collected. @throws UnsupportedError as `listDescendants` does. */
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
    return descendantsOf(runtime.pid, all);
  };
}

/** For adapters: `listZombies` on their runtime. */
export function listZombiesOn(runtime: Runtime): ListZombies {
  const listDescendants = listDescendantsOn(runtime);
  return () => listDescendants().filter(({ state }) => state === "Z");
}

/** Generation by generation. */
export function descendantsOf(ancestor: number, all: readonly ProcessInfo[]): ProcessInfo[] {
  const below = (pid: number) => all.filter(({ parent }) => parent === pid);
  const found = below(ancestor);
  for (const { pid } of found) found.push(...below(pid)); // grows as it is walked
  return found;
}
