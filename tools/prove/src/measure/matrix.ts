/**
 * The host-death matrix: each way a host can die, with workers in each state. Owns the causes, the preparation of a
 * host and watching its end; markdown.ts has the tables.
 */

import { randomUUID } from "node:crypto";
import { constants } from "node:os";
import { pause } from "@reapool/measuring/numbers";
import type { Runtime } from "@reapool/measuring/runtimes";
import { Host } from "../host.ts";
import { WORKER_STATES, type WorkerState } from "../hosts/messages.ts";
import { SCATTERED } from "../hosts/work.ts";
import { catches, descendantsOf, findByWords, isRunning, look, type Process } from "../processes.ts";
import { end } from "../started.ts";

export const CAUSES = [
  "SIGKILL",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGPIPE",
  "exit()",
  "uncaught throw",
  "stdout closed",
] as const;
export type Cause = (typeof CAUSES)[number];

/** The end of one host, in ms since it was last seen alive. */
export interface Death {
  readonly cause: Cause;
  /** When a worker in this state and its grandchild were gone. */
  readonly gone: Readonly<Record<WorkerState, number>>;
  readonly guard: number;
  readonly socketFolder: number;
  /** When the last of its descendants and the folder were gone. Infinity: not within the time watched. */
  readonly last: number;
}

/** The host survived the cause. */
interface Survival {
  readonly cause: Cause;
  /** What is gone although the host is not: must be empty, or a guarantee is broken. */
  readonly missing: readonly string[];
  readonly poolAnswered: boolean;
}

export type Ending = { readonly death: Death } | { readonly survival: Survival };

/** Guard and host killed at the same moment: what is left a second later. The tool then ends it. */
export interface Control {
  readonly workers: readonly WorkerState[];
  readonly grandchildren: number;
  readonly socketFolders: number;
}

/** Ten times the promised time, to tell late from never. */
const WATCH_MS = 10_000;
const READY_MS = 60_000;
/** A host that has not died of a cause after this long survives it. */
const LIVES_ON_MS = 2_000;
const LOOK_EVERY_MS = 1;
const { SIGTERM } = constants.signals;

interface Prepared {
  readonly host: Host;
  readonly itself: Process;
  readonly workers: Readonly<Record<WorkerState, readonly Process[]>>;
  readonly guard: Process;
  readonly all: readonly Process[];
}

export async function endHost(runtime: Runtime, cause: Cause): Promise<Ending> {
  const prepared = await prepare(runtime);
  const { host, itself } = prepared;
  try {
    switch (cause) {
      case "exit()":
        host.tell("exit");
        break;
      case "uncaught throw":
        host.tell("throw");
        break;
      case "stdout closed":
        host.closeOutput();
        host.tell("print");
        break;
      default:
        process.kill(itself.pid, cause);
    }
    const death = await watch(prepared, cause);
    return death === undefined ? { survival: await survive(prepared, cause) } : { death };
  } finally {
    await cleanUp(prepared);
  }
}

/** Runtimes ignore SIGPIPE, and some also ignore a missing reader of their output. */
const MAY_LIVE_ON: ReadonlySet<Cause> = new Set<Cause>(["SIGPIPE", "stdout closed"]);

export async function endHostWithoutGuard(runtime: Runtime): Promise<Control> {
  const prepared = await prepare(runtime);
  const { host, itself, guard, workers } = prepared;
  try {
    process.kill(itself.pid, "SIGSTOP"); // it must not replace the guard
    end(guard);
    end(itself);
    await pause(1_000);
    const lives = ([worker]: readonly Process[]) => worker !== undefined && isRunning(worker);
    const grandchildren = WORKER_STATES.flatMap((state) => workers[state].slice(1));
    return {
      workers: WORKER_STATES.filter((state) => lives(workers[state])),
      grandchildren: grandchildren.filter(isRunning).length,
      socketFolders: host.socketFolders,
    };
  } finally {
    await cleanUp(prepared);
  }
}

async function prepare(runtime: Runtime): Promise<Prepared> {
  const token = randomUUID();
  const host = new Host(runtime, "matrix", { args: [token] });
  try {
    const { workers: pids } = await host.message("matrix");
    process.kill(pids.stopped, "SIGSTOP");
    await Promise.all([
      reached(pids.stopped, "be stopped", ({ state }) => state === "T"),
      reached(pids.busy, "be busy", isSpinning(pids.busy)),
      reached(pids.trapped, "be busy and trap SIGTERM", isSpinning(pids.trapped, SIGTERM)),
    ]);
    const scattered = await untilScattered(token);
    const known = new Set(scattered.map(({ pid }) => pid));
    const all = [...descendantsOf(host.pid).filter(({ pid }) => !known.has(pid)), ...scattered];
    const workers = Object.fromEntries(
      WORKER_STATES.map((state) => [
        state,
        // The worker first, then its grandchild, then what has left its group.
        [
          ...all.filter(
            ({ pid, parent }) => pid === pids[state] || (parent === pids[state] && !known.has(pid)),
          ),
          ...(state === "scattered" ? scattered : []),
        ],
      ]),
    ) as unknown as Prepared["workers"];
    for (const state of WORKER_STATES) {
      const found = workers[state].length - (state === "scattered" ? scattered.length : 0);
      if (found !== 2) throw new Error(`Expected a worker (${state}) and its grandchild, found ${found}`);
    }
    const guard = all.find(({ parent, name }) => parent === host.pid && name === "sh");
    if (guard === undefined) throw new Error("Expected the host to have a guard, found none");
    return { host, itself: look(host.pid) as Process, workers, guard, all };
  } catch (error) {
    await host.dispose();
    throw error;
  }
}

/** Four shells, one of which waits for two others, and the sleep of each of those three. */
const SCATTERED_PROCESSES = 7;

async function untilScattered(token: string): Promise<Process[]> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const found = findByWords(SCATTERED, token);
    if (found.length === SCATTERED_PROCESSES && found.every(({ name }) => name === "sh" || name === "sleep"))
      return found;
    if (performance.now() > deadline)
      throw new Error(`Expected ${SCATTERED_PROCESSES} processes outside the group, found ${found.length}`);
    await pause(5);
  }
}

async function reached(pid: number, what: string, isThere: (process: Process) => boolean): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const process = look(pid);
    if (process !== undefined && isThere(process)) return;
    if (performance.now() > deadline) throw new Error(`Expected a worker to ${what}`);
    await pause(5);
  }
}

/** It has kept using processor time: nothing else here computes for so long. */
function isSpinning(pid: number, trapped?: number): (process: Process) => boolean {
  const TICKS = 4;
  let first: number | undefined;
  return ({ cpu }) => {
    if (trapped !== undefined && !catches(pid, trapped)) return false;
    first ??= cpu;
    return cpu - first >= TICKS;
  };
}

async function survive({ host, workers, guard }: Prepared, cause: Cause): Promise<Survival> {
  host.tell("ask");
  const { sum } = await host.message("answer");
  const missing: string[] = WORKER_STATES.filter((state) => !workers[state].every(isRunning));
  if (!isRunning(guard)) missing.push("guard");
  return { cause, missing, poolAnswered: sum === 3 };
}

/** Undefined if the host survives it. */
async function watch(
  { host, itself, workers, guard, all }: Prepared,
  cause: Cause,
): Promise<Death | undefined> {
  const startedAt = performance.now();
  let diedAt = startedAt;
  const goneAt = new Map<Process, number>();
  let folderGoneAt: number | undefined;
  while (performance.now() - startedAt < WATCH_MS) {
    // The host first, with its time from before the check: so times come out too long rather than too short.
    const now = performance.now();
    if (isRunning(itself)) {
      diedAt = now;
      if (MAY_LIVE_ON.has(cause) && now - startedAt > LIVES_ON_MS) return undefined;
    }
    for (const process of all) {
      if (!goneAt.has(process) && !isRunning(process)) goneAt.set(process, performance.now());
    }
    folderGoneAt ??= host.socketFolders === 0 ? performance.now() : undefined;
    if (goneAt.size === all.length && folderGoneAt !== undefined && !isRunning(itself)) break;
    await pause(LOOK_EVERY_MS);
  }
  if (isRunning(itself)) throw new Error(`Expected the host to die of ${cause}`);
  const since = (time: number | undefined) => Math.max(0, (time ?? Number.POSITIVE_INFINITY) - diedAt);
  const whenGone = (processes: readonly Process[]) =>
    Math.max(...processes.map((process) => since(goneAt.get(process))));
  const gone = Object.fromEntries(
    WORKER_STATES.map((state) => [state, whenGone(workers[state])]),
  ) as unknown as Death["gone"];
  const socketFolder = since(folderGoneAt);
  return { cause, gone, guard: whenGone([guard]), socketFolder, last: Math.max(whenGone(all), socketFolder) };
}

async function cleanUp({ host, guard, all }: Prepared): Promise<void> {
  await host.dispose();
  for (const process of all) if (process !== guard) end(process); // whatever it was, it was ours
  end(guard);
}
