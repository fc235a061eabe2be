/** What this process holds: descriptors, heap, processes. Read from /proc, without the pool's own reading of it. */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import type { Holdings } from "./messages.ts";

export interface Child {
  readonly pid: number;
  readonly name: string;
  /** One letter, as `ps` has it: Z is a zombie. */
  readonly state: string;
}

const SETTLES_MS = 50;
const MOST_LOOKS = 20;

/** What is being closed is closed by then: a runtime closes sockets and pipes some turns later. */
export async function holdingsAtRest(): Promise<Holdings> {
  let holdings = readHoldings();
  for (let look = 1; look < MOST_LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, SETTLES_MS));
    const before = holdings;
    holdings = readHoldings();
    if (holdings.descriptors === before.descriptors) break;
  }
  return holdings;
}

function readHoldings(): Holdings {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  gc?.();
  Bun?.gc(true);
  const children = listChildren().filter(({ name }) => name !== "sh"); // the guard's
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    heap: process.memoryUsage().heapUsed,
    processes: children.map(({ pid, name, state }) => `${pid} ${name} in state ${state}`),
  };
}

/** The processes directly below this one. */
export function listChildren(): Child[] {
  const found: Child[] = [];
  for (const entry of readdirSync("/proc")) {
    const child = /^\d+$/.test(entry) ? look(Number(entry)) : undefined;
    if (child?.parent === process.pid) found.push(child);
  }
  return found;
}

/** Whether it runs: a zombie does not. */
export function isRunning(pid: number): boolean {
  const state = look(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

function look(pid: number): (Child & { readonly parent: number }) | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const close = stat.lastIndexOf(")"); // the name before it may hold anything
    const [state = "", parent] = stat.slice(close + 2).split(" ");
    return { pid, parent: Number(parent), state, name: stat.slice(stat.indexOf("(") + 1, close) };
  } catch {
    return undefined; // gone meanwhile
  }
}
