/**
 * What a worker may use, and what the kernel is told about it in a control group. PURE. Owns the words of cgroup v2
 * (Documentation/admin-guide/cgroup-v2.rst of the kernel); which option says so is options/worker-options.ts.
 */

/** Each is Infinity where there is none. */
export interface Limits {
  /** In bytes. */
  readonly memory: number;
  /** Processes and threads. */
  readonly processes: number;
  /** Processors, by time: 0.5 is half of one. */
  readonly cpus: number;
}

/** A file of a control group, and what is written there. */
export interface Setting {
  readonly file: string;
  readonly value: string;
  /** A kernel without this file goes without. */
  readonly isOptional?: boolean;
}

/** The time in which its share is counted, in microseconds: the kernel's default. */
const PERIOD_US = 100_000;
/** The kernel takes no smaller share. */
export const LEAST_CPUS = 0.01;

/** What must be enabled above a control group with these limits. */
export function controllersFor({ memory, processes, cpus }: Limits): readonly string[] {
  return [
    ...(Number.isFinite(memory) ? ["memory"] : []),
    ...(Number.isFinite(processes) ? ["pids"] : []),
    ...(Number.isFinite(cpus) ? ["cpu"] : []),
  ];
}

/** The worker goes as a whole when there is no memory for one of its processes; nothing of it is swapped out in place of that. */
export function settingsFor({ memory, processes, cpus }: Limits): readonly Setting[] {
  return [
    ...(Number.isFinite(memory)
      ? [
          { file: "memory.max", value: `${memory}` },
          { file: "memory.swap.max", value: "0", isOptional: true },
          { file: "memory.oom.group", value: "1", isOptional: true },
        ]
      : []),
    ...(Number.isFinite(processes) ? [{ file: "pids.max", value: `${processes}` }] : []),
    ...(Number.isFinite(cpus)
      ? [{ file: "cpu.max", value: `${Math.round(PERIOD_US * cpus)} ${PERIOD_US}` }]
      : []),
  ];
}

/** `memory.events`: the group was at its own limit, and the kernel has killed in it. */
export function wasOutOfMemory(events: string): boolean {
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(events)?.[1] ?? 0);
  return count("oom") > 0 && count("oom_kill") > 0;
}
