/** What a start is refused with, by the system and not by the program. Knows the codes, and when to try again; who does is others' own. */

/** Before each further try of a start, in ms: two thirds of a second in all, then the error is told. */
export const TRY_AGAIN_AFTER: readonly number[] = [20, 40, 80, 160, 320];

/** Processes, descriptors or memory are short right now. */
const PASSING: ReadonlySet<unknown> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]);

/** Whether the same start may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  return PASSING.has((error as { code?: unknown } | null | undefined)?.code);
}
