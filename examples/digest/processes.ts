/**
 * The remaining processes of a pool according to the kernel, not to the pool itself. Where there is no /proc, nothing
 * is claimed.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type ProcessInfo, UnsupportedError } from "reapool";
import { listProcesses } from "reapool/testing";

export interface Remains {
  readonly zombies: number;
  readonly processesLeft: number;
}

/** Far longer than the promised second, which a busy machine may exceed. What is there after this stays. */
const STAYS_MS = 30_000;
const LOOK_AGAIN_MS = 10;

/** Looks until all is gone, or what is there stays. Returns what the last look found. */
export async function settled<T>(look: () => T, isGone: (found: T) => boolean): Promise<T> {
  const deadline = performance.now() + STAYS_MS;
  for (;;) {
    const found = look();
    if (isGone(found) || performance.now() > deadline) return found;
    await delay(LOOK_AGAIN_MS);
  }
}

/**
 * What stays, such as the guard of a pool that was closed, which a busy machine takes longer to end.
 *
 * @param host The process whose dead children count as zombies.
 * @param groups Process groups that must be empty: each worker leads its own, named by its pid.
 */
export function settledRemains(host: number, groups: ReadonlySet<number>): Promise<Remains | undefined> {
  return settled(
    () => findRemains(host, groups),
    (remains) => remains === undefined || remains.zombies + remains.processesLeft === 0,
  );
}

function findRemains(host: number, groups: ReadonlySet<number>): Remains | undefined {
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

/** The members of these process groups. @throws UnsupportedError where processes can't be listed. */
export function findLive(groups: ReadonlySet<number>): ProcessInfo[] {
  const isDead = (state: string) => state === "Z" || state === "X";
  return listProcesses().filter(({ state, group }) => !isDead(state) && groups.has(group));
}

/**
 * The process groups of a host's children: its workers and its guard, each the leader of its own.
 *
 * @throws UnsupportedError where processes can't be listed.
 */
export function groupsBelow(host: number | undefined): ReadonlySet<number> {
  const started = listProcesses().filter(({ parent, pid, group }) => parent === host && pid === group);
  return new Set(started.map(({ pid }) => pid));
}
