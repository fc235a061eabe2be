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
  /** Those that ran ten seconds after it: no busy machine explains them. */
  readonly stayed: number;
  /** Hosts of which something was left. */
  readonly hostsWithLeft: number;
}

const LONGEST_LIFE_MS = 1_000;
const PROMISED_MS = 1_000;
const STAYED_MS = 10_000;

type OfOne = Pick<MomentsResult, "running" | "scattered" | "left" | "stayed">;

export async function measureMoments(runtime: Runtime, hosts: number): Promise<MomentsResult> {
  const total = { hosts, running: 0, scattered: 0, left: 0, stayed: 0, hostsWithLeft: 0 };
  for (let number = 0; number < hosts; number++) {
    const { running, scattered, left, stayed } = await killOne(runtime);
    total.running += running;
    total.scattered += scattered;
    total.left += left;
    total.stayed += stayed;
    if (left > 0) total.hostsWithLeft++;
  }
  return total;
}

async function killOne(runtime: Runtime): Promise<OfOne> {
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
    const left = seen.filter(isRunning);
    if (left.length > 0) await pause(STAYED_MS - PROMISED_MS);
    const stayed = left.filter(isRunning);
    return { running: known.size, scattered: scattered.length, left: left.length, stayed: stayed.length };
  } finally {
    await host.dispose();
    for (const process of seen) end(process);
  }
}
