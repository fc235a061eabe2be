/**
 * What the kernel says is left of a pool: the pool's own word is not taken for it. Where there is no /proc,
 * nothing is claimed.
 */
import { UnsupportedError } from "@reapool/core";
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
  try {
    const processes = listProcesses();
    const isDead = (state: string) => state === "Z" || state === "X";
    return {
      zombies: processes.filter(({ state, parent }) => state === "Z" && parent === host).length,
      processesLeft: processes.filter(({ state, group }) => !isDead(state) && groups.has(group)).length,
    };
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    throw error;
  }
}
