/**
 * Starts that the system refuses, as opposed to the program. Knows the codes, and when to retry; the callers do the
 * retrying.
 */

import { codeOf } from "../bare.ts";

/** Delays before each retry of a start, in ms: two thirds of a second in all, then the error is reported. */
export const TRY_AGAIN_AFTER: readonly number[] = [20, 40, 80, 160, 320];

/** Processes, descriptors or memory are short for the moment. */
const PASSING: ReadonlySet<unknown> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]);

/** Whether the same start may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(codeOf(error));
}
