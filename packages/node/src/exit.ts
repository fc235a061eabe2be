/** How Node tells that a process ended, in the words of the port. */
import type { Exit } from "@reapool/core";

/** Node gives exactly one of the two, and null for the other. */
export function toExit(code: number | null, signal: NodeJS.Signals | null): Exit {
  return { code: signal === null ? code : null, signal };
}

export function toFailedStart(error: unknown): Exit {
  return { code: null, signal: null, error };
}
