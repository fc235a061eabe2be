/**
 * Inflicts the faults on workers, guard and host. Owns that each is over soon; verdict.ts knows what it may do to
 * calls.
 */
import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import type { FaultStep } from "../program.ts";
import type { PoolRecord } from "./calls.ts";
import { listChildren } from "./holdings.ts";

export interface FaultHelp {
  /** Stops this process for so many ms. */
  readonly stopHost: (ms: number) => Promise<void>;
  /** Whether this process has only few descriptors. */
  readonly hasFewDescriptors: boolean;
  /** Whether its temporary folder is private and small. */
  readonly hasSmallFolder: boolean;
}

/** Returns why the fault is not possible here, if so. */
export async function commitFault(
  fault: FaultStep,
  pools: readonly PoolRecord[],
  help: FaultHelp,
): Promise<string | undefined> {
  switch (fault.do) {
    case "kill":
      signalWorker(fault, pools, fault.signal);
      return undefined;
    case "stop worker": {
      const pid = signalWorker(fault, pools, "SIGSTOP");
      if (pid !== undefined) setTimeout(() => signal(pid, "SIGCONT"), fault.ms);
      return undefined;
    }
    case "kill guard":
      for (const { pid, name } of listChildren()) if (name === "sh") signal(pid, "SIGKILL");
      return undefined;
    case "stop host":
      await help.stopHost(fault.ms);
      return undefined;
    case "block host":
      for (const until = performance.now() + fault.ms; performance.now() < until; );
      return undefined;
    case "take descriptors":
      if (!help.hasFewDescriptors) return `${fault.do}: their number can't be limited here (prlimit)`;
      await takeDescriptors(fault.ms);
      return undefined;
    case "fill temporary folder":
      if (!help.hasSmallFolder) return `${fault.do}: a small one can't be mounted here (unshare --mount)`;
      await fillFolder(fault.ms);
      return undefined;
    case "remove socket folder":
      for (const name of readdirSync(tmpdir())) {
        if (name.startsWith("reapool-")) rmSync(join(tmpdir(), name), { recursive: true, force: true });
      }
      return undefined;
  }
}

function signalWorker(
  { pool = 0, worker }: { pool?: number; worker: number },
  pools: readonly PoolRecord[],
  name: NodeJS.Signals,
): number | undefined {
  const workers = pools[pool]?.pool.workers ?? [];
  const pid = workers[worker % workers.length]?.pid;
  return pid !== undefined && signal(pid, name) ? pid : undefined;
}

function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false; // gone, and not reported yet
  }
}

async function takeDescriptors(ms: number): Promise<void> {
  const taken: number[] = [];
  try {
    for (;;) taken.push(openSync("/dev/null", "r"));
  } catch {
    // EMFILE
  }
  await wait(ms);
  for (const descriptor of taken) closeSync(descriptor);
}

const PIECE = new Uint8Array(64 * 2 ** 10);

async function fillFolder(ms: number): Promise<void> {
  const file = join(tmpdir(), "full");
  try {
    for (;;) writeFileSync(file, PIECE, { flag: "a" });
  } catch {
    // ENOSPC
  }
  await wait(ms);
  rmSync(file, { force: true });
}
