/** A thousand deaths in one host: how long a zombie lasted, what happened to the calls, what leaked. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { pause } from "@reapool/measuring/numbers";
import type { Runtime } from "@reapool/measuring/runtimes";
import { Host } from "../host.ts";
import type { DeathsOutcome } from "../hosts/messages.ts";
import {
  countDescriptors,
  descendantsOf,
  describeDescriptors,
  findGuard,
  type Memory,
  readMemory,
} from "../processes.ts";
import { forget, remember } from "../started.ts";
import { longest, type Watched, type Zombie, ZombieWatch } from "../zombie-watch.ts";

interface BeforeAndAfter<T> {
  readonly before: T;
  readonly after: T;
}

export interface DeathsResult extends DeathsOutcome {
  readonly watched: Watched;
  /** Undefined when no zombie was seen. */
  readonly longestZombie: Zombie | undefined;
  readonly descriptors: BeforeAndAfter<number>;
  /** What the additional descriptors were open to, if any. */
  readonly newDescriptors: readonly string[];
  readonly guard: BeforeAndAfter<Memory>;
  readonly isGuardTheSame: boolean;
  /** Processes below the host after close, dead or alive. */
  readonly left: number;
}

/** Descriptors of a process that has just ended may wait for a turn of the loop, or for the garbage collector. */
const SETTLE_MS = 5_000;

export async function measureDeaths(runtime: Runtime, deaths: number): Promise<DeathsResult> {
  const host = new Host(runtime, "deaths", { args: [String(deaths)] });
  try {
    await host.message("ready");
    await pause(500);
    const kindsBefore = describeDescriptors(host.pid);
    const before = countDescriptors(host.pid);
    const guard = findGuard(host.pid);
    if (guard === undefined) throw new Error("Expected the host to have a guard, found none");
    const memoryBefore = readMemory(guard.pid);
    const watch = new ZombieWatch(host.pid);
    host.tell("go");
    const { type: _, ...outcome } = await host.message("deaths");
    const watched = await watch.stop();

    const deadline = performance.now() + SETTLE_MS;
    while (countDescriptors(host.pid) > before && performance.now() < deadline) await pause(100);
    const kindsAfter = describeDescriptors(host.pid);
    const guardAfter = findGuard(host.pid);
    const result = {
      ...outcome,
      watched,
      longestZombie: longest(watched.zombies),
      descriptors: { before, after: countDescriptors(host.pid) },
      newDescriptors: grown(kindsBefore, kindsAfter),
      guard: { before: memoryBefore, after: readMemory(guardAfter?.pid ?? guard.pid) },
      isGuardTheSame: guardAfter?.pid === guard.pid,
    };
    host.tell("close");
    await host.message("closed");
    return { ...result, left: descendantsOf(host.pid).length };
  } finally {
    await host.dispose();
  }
}

function grown(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after]
    .map(([kind, count]) => ({ kind, more: count - (before.get(kind) ?? 0) }))
    .filter(({ more }) => more > 0)
    .map(({ kind, more }) => `${more} × ${kind.startsWith("/") ? "file" : kind}`);
}

/** What the watch sees when nothing reaps: without this control "no long zombie" would mean nothing. */
export async function watchUncollected(): Promise<Zombie | undefined> {
  // The shell becomes a program that knows nothing of the process it has started, and never waits for it.
  const parent = spawn("/bin/sh", ["-c", "sleep 0.1 & exec sleep 60"], { stdio: "ignore" });
  await once(parent, "spawn");
  remember(parent.pid as number);
  const watch = new ZombieWatch(parent.pid as number);
  await pause(CONTROL_MS);
  const { zombies } = await watch.stop();
  parent.kill("SIGKILL");
  forget(parent.pid as number);
  return longest(zombies);
}

/** It should be seen for all but a tenth of a second. */
const CONTROL_MS = 1_500;
