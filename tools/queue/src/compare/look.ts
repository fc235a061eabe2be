/** Figures of a process. Reads /proc. */
import { readProc } from "@reapool/measuring/marked";

/** In ticks of processor time so far: one that computes has more of them after a while. */
export function readCpu(pid: number): number | undefined {
  const stat = readProc(`${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return stat === "" || fields[0] === "Z" ? undefined : Number(fields[11]) + Number(fields[12]);
}

/** In bytes. */
export function readMemory(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(readProc(`${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}
