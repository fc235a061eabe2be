/**
 * Hosts that are killed at random moments, while their workers start daemons and trees that leave the group, and die
 * themselves: what of all that is left a second later. The tool then ends it.
 */
import { randomUUID } from "node:crypto";
import { pause } from "@reapool/measuring/numbers";
import type { Runtime } from "@reapool/measuring/runtimes";
import { Host } from "../host.ts";
import { SCATTERED } from "../hosts/work.ts";
import { descendantsOf, findByWords, isRunning, type Process } from "../processes.ts";
import { end } from "../started.ts";

export interface MomentsResult {
  readonly hosts: number;
  /** Processes that ran when the hosts were killed: workers, what they started, guards. */
  readonly running: number;
  /** Of them, outside their worker's group. */
  readonly scattered: number;
  /** Those of any host that ran a second after its death. */
  readonly left: number;
  /** Hosts of which something was left. */
  readonly hostsWithLeft: number;
}

const LONGEST_LIFE_MS = 1_000;
const PROMISED_MS = 1_000;

export async function measureMoments(runtime: Runtime, hosts: number): Promise<MomentsResult> {
  const total = { hosts, running: 0, scattered: 0, left: 0, hostsWithLeft: 0 };
  for (let number = 0; number < hosts; number++) {
    const { running, scattered, left } = await killOne(runtime);
    total.running += running;
    total.scattered += scattered;
    total.left += left;
    if (left > 0) total.hostsWithLeft++;
  }
  return total;
}

async function killOne(runtime: Runtime): Promise<Pick<MomentsResult, "running" | "scattered" | "left">> {
  const token = randomUUID();
  const host = new Host(runtime, "moments", { args: [token] });
  const seen: Process[] = [];
  try {
    await host.message("ready");
    await pause(Math.random() * LONGEST_LIFE_MS);
    process.kill(host.pid, "SIGSTOP"); // what is counted is what its death meets
    const below = descendantsOf(host.pid).filter(isRunning);
    const scattered = findByWords(SCATTERED, token).filter(isRunning);
    seen.push(...below, ...scattered);
    process.kill(host.pid, "SIGKILL");
    await pause(PROMISED_MS);
    // Also what was started in between, which nobody has seen.
    const known = new Set(seen.map(({ pid }) => pid));
    seen.push(...findByWords(SCATTERED, token).filter(({ pid }) => !known.has(pid)));
    return { running: known.size, scattered: scattered.length, left: seen.filter(isRunning).length };
  } finally {
    await host.dispose();
    for (const process of seen) end(process);
  }
}
