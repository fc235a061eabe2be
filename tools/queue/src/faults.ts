/** Which faults come when: drawn from the seed. PURE. */
import type { Random } from "@reapool/measuring/random";

const HOST_KILLS = 2;
const WORKER_KILLS = 10;

/** Shares of the jobs, from 0 to 1, ascending: when so much is done, one is killed. Each in a part of its own. */
export interface Faults {
  readonly hosts: number[];
  readonly workers: number[];
}

export function drawFaults(random: Random): Faults {
  return { hosts: draw(random, HOST_KILLS), workers: draw(random, WORKER_KILLS) };
}

/** Not at the very beginning or end of a part. */
const draw = (random: Random, count: number): number[] =>
  Array.from({ length: count }, (_, i) => (i + 0.1 + 0.8 * random.fraction()) / count);
