/** How Deno tells that a process ended, in the words of the port. */
import { type Exit, exitOf } from "@reapool/core";

/** Deno gives a killed process the exit code of a shell, 128 and the signal's number; here it has none. */
export function toExit({ code, signal }: Deno.CommandStatus): Exit {
  return exitOf(signal === null ? code : null, signal);
}
