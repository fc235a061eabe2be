/**
 * What the kernel says is left of a pool: the pool's own word is not taken for it. Where there is no /proc,
 * nothing is claimed.
 */
import { type ProcessInfo, UnsupportedError } from "@reapool/core";
import { listProcesses } from "@reapool/core/testing";

export interface Remains {
  readonly zombies: number;
  readonly processesLeft: number;
}

/**
 * @param host The process whose dead children count as zombies.
 * @param groups Process groups nobody may be left in: each worker leads its own, named by its pid.
 */
export function findRemains(host: number, groups: ReadonlySet<number>): Remains | undefined {
  if (!canSeeProcesses()) return undefined;
  return {
    zombies: listProcesses().filter(({ state, parent }) => state === "Z" && parent === host).length,
    processesLeft: findLive(groups).length,
  };
}

export function canSeeProcesses(): boolean {
  try {
    listProcesses();
    return true;
  } catch (error) {
    if (error instanceof UnsupportedError) return false;
    throw error;
  }
}

/** Who lives in one of these process groups. @throws UnsupportedError where processes can't be seen. */
export function findLive(groups: ReadonlySet<number>): ProcessInfo[] {
  const isDead = (state: string) => state === "Z" || state === "X";
  return listProcesses().filter(({ state, group }) => !isDead(state) && groups.has(group));
}

/**
 * The process groups of what a host has started: its workers and its guard, each the leader of its own.
 *
 * @throws UnsupportedError where processes can't be seen.
 */
export function groupsBelow(host: number | undefined): ReadonlySet<number> {
  const started = listProcesses().filter(({ parent, pid, group }) => parent === host && pid === group);
  return new Set(started.map(({ pid }) => pid));
}
