/**
 * The processes of this machine as /proc lists them. Does not use the pool's own code for that: this program is here
 * to check it.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** One letter, as `ps` has it: Z is a zombie. */
  readonly state: string;
  readonly name: string;
  /** In ticks since boot: together with the pid it identifies a process for good, while a pid alone may be reused. */
  readonly startedAt: number;
  /** Processor time so far, in ticks. */
  readonly cpu: number;
}

/** Undefined if there is no process with that pid. */
export function look(pid: number): Process | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const close = stat.lastIndexOf(")"); // the name before it may hold anything
  const [state = "", ...numbers] = stat.slice(close + 2).split(" ");
  // proc(5) counts fields from 1, with the pid; `numbers` begins with field 4.
  const field = (number: number) => Number(numbers[number - 4]);
  return {
    pid,
    parent: field(4),
    state,
    name: stat.slice(stat.indexOf("(") + 1, close),
    startedAt: field(22),
    cpu: field(14) + field(15),
  };
}

const isDead = (state: string) => state === "Z" || state === "X" || state === "x";

/** Whether it is still the same process, and not a zombie. */
export function isRunning({ pid, startedAt }: Pick<Process, "pid" | "startedAt">): boolean {
  const now = look(pid);
  return now !== undefined && now.startedAt === startedAt && !isDead(now.state);
}

function listPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

function listProcesses(): Process[] {
  return listPids()
    .map(look)
    .filter((process) => process !== undefined);
}

/** All descendants of a process, started or adopted; dead ones too. */
export function descendantsOf(ancestor: number): Process[] {
  const all = listProcesses();
  const below = (pid: number) => all.filter(({ parent }) => parent === pid);
  const found = below(ancestor);
  for (const { pid } of found) found.push(...below(pid)); // grows as it is walked
  return found;
}

/** Those in whose command line all these are words, and what they have started; dead ones too. */
export function findByWords(...words: readonly string[]): Process[] {
  const found = listProcesses().filter(({ pid }) => {
    const said = read(`/proc/${pid}/cmdline`)?.split("\0") ?? [];
    return words.every((word) => said.includes(word));
  });
  const known = new Set(found.map(({ pid }) => pid));
  return [
    ...found,
    ...found.flatMap(({ pid }) => descendantsOf(pid)).filter(({ pid }) => !known.has(pid) && known.add(pid)),
  ];
}

/** Its children, as fast as possible: kernel threads are checked once. */
export function childrenFinder(): (parent: number) => Process[] {
  const KERNEL = 2;
  const kernelThreads = new Set([KERNEL]);
  return (parent) => {
    const found: Process[] = [];
    for (const pid of listPids()) {
      if (kernelThreads.has(pid)) continue;
      const process = look(pid);
      if (process?.parent === parent) found.push(process);
      else if (process?.parent === KERNEL) kernelThreads.add(pid);
    }
    return found;
  };
}

/** The guard of a host: its only child that is a shell. */
export function findGuard(host: number): Process | undefined {
  return descendantsOf(host).find(({ parent, name }) => parent === host && name === "sh");
}

/** Whether a handler of its own waits for the signal. */
export function catches(pid: number, signal: number): boolean {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? "0";
  return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

/** Open file descriptors. */
export function countDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** What each descriptor is open to, and how many are: `socket`, `pipe`, `anon_inode:[eventfd]`. */
export function describeDescriptors(pid: number): Map<string, number> {
  const kinds = new Map<string, number>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const kind = readlinkSync(`/proc/${pid}/fd/${descriptor}`).replace(/:\[\d+\]$/, "");
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    } catch {
      // closed since the folder was read
    }
  }
  return kinds;
}

export interface Memory {
  /** Resident, shared pages included. In kB. */
  readonly resident: number;
  /** Private memory; undefined where the kernel does not report it. In kB. */
  readonly private: number | undefined;
}

export function readMemory(pid: number): Memory {
  const kilobytes = (text: string, name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  const rollup = read(`/proc/${pid}/smaps_rollup`);
  return {
    resident: kilobytes(read(`/proc/${pid}/status`) ?? "", "VmRSS"),
    private:
      rollup === undefined
        ? undefined
        : kilobytes(rollup, "Private_Clean") + kilobytes(rollup, "Private_Dirty"),
  };
}

/** How often each thread of a process has gone to sleep by itself: each time, something had woken it up before. */
export function readSleeps(pid: number): Map<string, number> {
  const sleeps = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const status = read(`/proc/${pid}/task/${thread}/status`);
    const count = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status ?? "")?.[1];
    if (count !== undefined) sleeps.set(thread, Number(count));
  }
  return sleeps;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // gone meanwhile, or not ours to read
  }
}
