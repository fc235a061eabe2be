/** What the lab sees in /proc, and how it waits until it sees it. Watches only; starts and ends nothing. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { ProcessInfo } from "@reapool/core";
import { listProcesses } from "@reapool/core/testing";
import { Fault } from "./fault.ts";

/** Nothing here takes as long, however busy the machine: it will not come. */
const DEADLINE_MS = 30_000;
const LOOK_EVERY_MS = 10;

/** Resolves to what `look` gives as soon as that is neither undefined nor false. */
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

/** One of the letters of `ps`, and its parent. Reads one file: a list of all processes would slow each look down. */
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

/** Nothing has its number any more: it is dead, and somebody has collected it. */
function isGone(pid: number): boolean {
  return find(pid) === undefined;
}

export async function untilGone(...pids: readonly number[]): Promise<void> {
  await until(`nothing to be left of ${pids.join(", ")}`, () => pids.every(isGone));
}

/** Until they run no more; those without their parent may wait for init to collect them. */
export async function untilDead(...pids: readonly number[]): Promise<void> {
  await until(`${pids.join(", ")} to be dead`, () => pids.every((pid) => isGone(pid) || isZombie(pid)));
}

/** Not every init is quick about it, and one in a container may not do it at all. */
const INIT_DEADLINE_MS = 5_000;

/** What init does with dead processes that have no other parent any more, in words. */
export async function awaitInit(...pids: readonly number[]): Promise<string> {
  const deadline = performance.now() + INIT_DEADLINE_MS;
  await until("", () => pids.every(isGone) || performance.now() >= deadline);
  return pids.every(isGone) ? "collected by init" : "left uncollected by this machine's init";
}

/** It runs, look after look: a busy loop. */
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
