/** What a start is refused with, by the system and not by the program. Knows the codes; who tries again is others' own. */

/** Processes, descriptors or memory are short right now. */
const PASSING: ReadonlySet<unknown> = new Set(["EAGAIN", "EMFILE", "ENFILE", "ENOMEM"]);

/** Whether the same start may succeed in a moment. */
export function isPassing(error: unknown): boolean {
  return PASSING.has((error as { code?: unknown } | null | undefined)?.code);
}
