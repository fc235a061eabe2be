/** `waitid(2)` on Linux: its numbers, and the one question that needs no judgement. */
import type { Libc } from "../port/libc.ts";

export const P_ALL = 0;
export const P_PID = 1;
export const WNOHANG = 1;
export const WEXITED = 4;
export const WNOWAIT = 0x01000000;
export const WNOTHREAD = 0x20000000;
/** The size of `siginfo_t`, and the offset of `si_pid` in it on a 64-bit processor. */
export const SIGINFO_BYTES = 128;
export const SI_PID_AT = 16;

/** Collects the end of one process. Only where nobody else waits for it. False while it lives. */
export function collect(libc: Libc, pid: number): boolean {
  const info = new Uint8Array(SIGINFO_BYTES);
  const outcome = libc.waitid(P_PID, pid, info, WEXITED | WNOHANG);
  return outcome !== 0 || new DataView(info.buffer).getInt32(SI_PID_AT, true) === pid; // or it is no child of ours any more
}
