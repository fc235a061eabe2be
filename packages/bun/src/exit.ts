/** How Bun tells that a process ended, in the words of the port. */
import { type Exit, exitOf } from "@reapool/core";

/** Bun gives exactly one of the two, and null for the other; a signal it has no name for is a number. */
export function toExit(code: number | null, signal: NodeJS.Signals | number | null): Exit {
  if (signal === null) return exitOf(code, null);
  return exitOf(null, typeof signal === "number" ? `signal ${signal}` : signal);
}
