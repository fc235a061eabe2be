/** What /proc says about processes: their parent, their program, their memory. Linux. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The children of this process that run the same runtime: workers, not a shell beside them. */
export function listWorkers(): number[] {
  const own = readlinkSync(`/proc/${process.pid}/exe`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === process.pid && programOf(pid) === own);
}

/** In bytes. */
export function residentMemoryOf(pid: number): number {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined; // it has ended
  }
}

function programOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined;
  }
}
