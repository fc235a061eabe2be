/**
 * The three calls of libc that no JavaScript runtime offers and the reaper needs. An adapter binds them as
 * they are; which arguments they get is decided in `reaping/reaper.ts`.
 */
import { messageOf } from "../message-of.ts";

export interface Libc {
  /** `waitid(2)`: 0 or -1. Fills `info`, a `siginfo_t` of 128 bytes. */
  waitid(idType: number, id: number, info: Uint8Array, options: number): number;
  /** `getsid(2)`: the session of a process, a zombie too; -1 when there is no such process. */
  getsid(pid: number): number;
  /** `prctl(2)` with one argument, a number or where the answer goes: 0 or -1. */
  prctl(option: number, argument: number | Uint8Array): number;
}

/** Where the dynamic linker finds libc on Linux: glibc, then musl on the two common processors. */
const LIBC_NAMES: readonly string[] = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

/** The first of them that can be opened, or the message of the last that can't. */
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
