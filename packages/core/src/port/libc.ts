/**
 * The three libc calls that the reaper needs and no JavaScript runtime offers. An adapter binds them as they are;
 * `reaping/reaper.ts` decides their arguments.
 */
import { messageOf } from "../message-of.ts";

export interface Libc {
  /** `waitid(2)`: 0 or -1. Fills `info`, a `siginfo_t` of 128 bytes. */
  waitid(idType: number, id: number, info: Uint8Array, options: number): number;
  /** `getsid(2)`: the session of a process, even of a zombie; -1 when there is no such process. */
  getsid(pid: number): number;
  /** `prctl(2)` with one argument, a number or the address for the answer: 0 or -1. */
  prctl(option: number, argument: number | Uint8Array): number;
}

/** The names of libc on Linux: glibc, then musl on the two common processors. */
const LIBC_NAMES: readonly string[] = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/** The first of them that can be opened, or the error message of the last one. */
export function openFirst<Calls extends object>(open: (name: string) => Calls): Calls | string {
  let reason = "";
  for (const name of LIBC_NAMES) {
    try {
      return open(name);
    } catch (error) {
      reason = messageOf(error);
    }
  }
  return reason;
}
