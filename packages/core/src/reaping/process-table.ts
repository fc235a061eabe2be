/**
 * The processes of this machine as /proc lists them. Owns reading its files and their meaning; knows nothing about
 * pools. Linux only: elsewhere, and where /proc can't be read, there is no table.
 */
import type { Runtime } from "../port/runtime.ts";
import { readText } from "../read-text.ts";

/** The runtime's calls that it needs. */
export type Files = Pick<Runtime, "readFile" | "listFolder">;

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Process group. */
  readonly group: number;
  readonly session: number;
  /** One letter, as `ps` has it: R running, S sleeping, D in the kernel, T stopped, Z zombie, X dead. */
  readonly state: string;
  /** The name of its program, at most 15 characters. */
  readonly name: string;
}

/** Every process that can be seen; undefined where /proc can't be read. */
export function readProcesses(files: Files): ProcessInfo[] | undefined {
  const names = files.listFolder("/proc");
  if (names === undefined || !names.includes("self")) return undefined;
  const processes: ProcessInfo[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readText(files, `/proc/${name}/stat`);
    if (stat !== undefined) processes.push(parseStat(stat).info); // otherwise it has ended since
  }
  return processes;
}

/** Memory and processor time of one process. */
export interface ProcessUsage {
  /** Resident set size, in bytes. */
  readonly memory: number;
  /** Processor time since its start, user and system, in ms. */
  readonly cpu: number;
}

/** Undefined where /proc can't be read, or the process is gone. */
export function readUsage(files: Files, pid: number): ProcessUsage | undefined {
  const stat = readText(files, `/proc/${pid}/stat`);
  const memory = readMemory(files, pid);
  if (stat === undefined || memory === undefined) return undefined;
  return { memory, cpu: parseStat(stat).ticks * MS_PER_TICK };
}

/** The resident memory of one process, in bytes; undefined where /proc can't be read, or the process is gone. */
export function readMemory(files: Files, pid: number): number | undefined {
  const status = readText(files, `/proc/${pid}/status`);
  return status === undefined ? undefined : parseResidentBytes(status);
}

/** When a process was started, in the kernel's own unit; empty if unknown. */
export function readStart(files: Files, pid: number): string {
  const stat = readText(files, `/proc/${pid}/stat`);
  return stat === undefined ? "" : parseStat(stat).start;
}

/**
 * The living processes below this one, with their starts, at most so many. Reads what the kernel lists under each (proc(5),
 * `children`), not the whole table; empty where it can't be read.
 */
export function readBelow(files: Files, pid: number, most: number): Map<number, string> {
  const below = new Map<number, string>();
  const above = [pid];
  for (const parent of above) {
    for (const thread of files.listFolder(`/proc/${parent}/task`) ?? []) {
      const children = readText(files, `/proc/${parent}/task/${thread}/children`) ?? "";
      for (const child of children.split(" ")) {
        const start = child === "" || below.size >= most ? "" : readStart(files, Number(child));
        if (start === "" || below.has(Number(child))) continue;
        below.set(Number(child), start);
        above.push(Number(child)); // grows during the walk
      }
    }
  }
  return below;
}

/** It has ended and nobody has collected it. */
export function isZombie(files: Files, pid: number): boolean {
  return readState(files, pid) === "Z";
}

/** By a signal, or a debugger. */
export function isStopped(files: Files, pid: number): boolean {
  return ["T", "t"].includes(readState(files, pid) ?? "");
}

function readState(files: Files, pid: number): string | undefined {
  const stat = readText(files, `/proc/${pid}/stat`);
  return stat === undefined ? undefined : parseStat(stat).info.state;
}

/** USER_HZ is 100 on every processor that these runtimes support. */
const MS_PER_TICK = 10;

interface Stat {
  readonly info: ProcessInfo;
  /** Processor time, in clock ticks. */
  readonly ticks: number;
  /** Time since boot, in clock ticks. */
  readonly start: string;
}

/** `pid (name) state parent group session ...`, where the name itself may hold spaces and parentheses. */
export function parseStat(stat: string): Stat {
  const open = stat.indexOf("(");
  const close = stat.lastIndexOf(")");
  const [state = "", ...numbers] = stat.slice(close + 2).split(" ");
  // proc(5) counts fields from 1, with the pid; `numbers` begins with field 4.
  const text = (number: number) => numbers[number - 4] ?? "";
  const field = (number: number) => Number(text(number));
  return {
    info: {
      pid: Number(stat.slice(0, open)),
      parent: field(4),
      group: field(5),
      session: field(6),
      state,
      name: stat.slice(open + 1, close),
    },
    ticks: field(14) + field(15),
    start: text(22),
  };
}

/** The line says kB and means KiB; a kernel thread and a zombie have none. */
export function parseResidentBytes(status: string): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
