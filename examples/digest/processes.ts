/**
 * What the kernel says is left of a pool, read from /proc: the pool's own word is not taken for it. Where
 * there is no /proc, nothing is claimed.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface Remains {
  readonly zombies: number;
  readonly processesLeft: number;
}

/**
 * @param host The process whose dead children count as zombies.
 * @param groups Process groups nobody may be left in: each worker leads its own, named by its pid.
 */
export function findRemains(host: number, groups: ReadonlySet<number>): Remains | undefined {
  const processes = readProcesses();
  if (processes === undefined) return undefined;
  const isDead = (state: string) => state === "Z" || state === "X";
  return {
    zombies: processes.filter(({ state, parent }) => state === "Z" && parent === host).length,
    processesLeft: processes.filter(({ state, group }) => !isDead(state) && groups.has(group)).length,
  };
}

interface ProcessStatus {
  readonly state: string;
  readonly parent: number;
  readonly group: number;
}

function readProcesses(): ProcessStatus[] | undefined {
  let names: string[];
  try {
    readFileSync("/proc/self/stat");
    names = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return undefined;
  }
  const processes: ProcessStatus[] = [];
  for (const name of names) {
    try {
      processes.push(parseStatus(readFileSync(`/proc/${name}/stat`, "utf8")));
    } catch {
      // it ended since the folder was read
    }
  }
  return processes;
}

/** `pid (name) state parent group ...`, where the name itself may hold spaces and parentheses. */
function parseStatus(line: string): ProcessStatus {
  const [state = "", parent, group] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return { state, parent: Number(parent), group: Number(group) };
}
