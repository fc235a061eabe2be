/** What the lab sees in /proc, and how it waits until it sees it. Watches only; starts and ends nothing. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { ProcessInfo } from "reapool";
import { listProcesses } from "reapool/testing";
import { Fault } from "./fault.ts";

/** Nothing here takes as long, even on a busy machine: after this it will not happen. */
const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Resolves to the result of `look` as soon as that is neither undefined nor false. */
export async function until<T>(expected: string, look: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const seen = look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() >= deadline) {
      throw new Fault(`expected ${expected}, not seen in ${DEADLINE_MS / 1000} s`);
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** The state letter of `ps`, and the parent. Reads one file: listing all processes would slow each check down. */
export function find(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) => new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(status)?.[1] ?? "";
    return { state: field("State"), parent: Number(field("PPid")) };
  } catch {
    return undefined; // it is gone, or goes just now
  }
}

/** The processes that this one has started or adopted, by the name of their program. */
export function below(parent: number, name?: string): ProcessInfo[] {
  return listProcesses().filter(
    (info) => info.parent === parent && (name === undefined || info.name === name),
  );
}

export function isZombie(pid: number): boolean {
  return find(pid)?.state === "Z";
}

/** The pid is unused: the process is dead and has been reaped. */
function isGone(pid: number): boolean {
  return find(pid) === undefined;
}

export async function untilGone(...pids: readonly number[]): Promise<void> {
  await until(`nothing to be left of ${pids.join(", ")}`, () => pids.every(isGone));
}

/** Waits until they no longer run; orphans may still wait for init to reap them. */
export async function untilDead(...pids: readonly number[]): Promise<void> {
  await until(`${pids.join(", ")} to be dead`, () => pids.every((pid) => isGone(pid) || isZombie(pid)));
}

/** Not every init is quick to reap, and one in a container may never do it. */
const INIT_DEADLINE_MS = 5_000;

/** What init does with dead orphans, in words. */
export async function awaitInit(...pids: readonly number[]): Promise<string> {
  const deadline = performance.now() + INIT_DEADLINE_MS;
  await until("", () => pids.every(isGone) || performance.now() >= deadline);
  return pids.every(isGone) ? "reaped by init" : "left as zombies by this machine's init";
}

/** It runs, check after check: a busy loop. */
export async function untilBusy(pid: number): Promise<void> {
  await untilStays("R", pid, "in a busy loop");
}

/** And stays one: for a moment every dead process is. */
export async function untilZombie(pid: number): Promise<void> {
  await untilStays("Z", pid, "a zombie");
}

const LOOKS_IN_A_ROW = 10;

async function untilStays(state: string, pid: number, words: string): Promise<void> {
  let looks = 0;
  await until(`process ${pid} to be ${words} and stay it`, () => {
    looks = find(pid)?.state === state ? looks + 1 : 0;
    return looks === LOOKS_IN_A_ROW;
  });
}
