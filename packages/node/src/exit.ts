/** How Node tells that a process ended, in the words of the port. */
import { type Exit, exitOf } from "@reapool/core";

/** Node gives exactly one of the two, and null for the other. Death by a signal it has no name for it gives as code 0. */
export function toExit(code: number | null, signal: NodeJS.Signals | null): Exit {
  return exitOf(signal === null ? code : null, signal);
}
