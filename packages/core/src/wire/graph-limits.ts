/** How much memory and time a graph may cost its receiver beyond what its bytes do. Both sides obey it. */

/** Address space for all the resizable buffers of a value. */
export const MAX_RESERVED_BYTES: number = 2 ** 33;
/** What each one counts besides its maximum length: a mapping of its own, of which a process can have some 65,000. */
export const RESIZABLE_BYTES: number = 2 ** 20;

/** For the sources of all the regular expressions of a value, in UTF-16 units. */
export const MAX_PATTERN_UNITS: number = 65_536;
/**
 * What counts for more than its length: a class of Unicode characters takes up to 1 ms to compile, and the time for named
 * groups grows with the square of their number, 38 s for 6,000 in Bun [measured].
 */
const COSTLY = /\\p|\(\?</gi;
const COSTLY_UNITS = 128;

/** What the source of a regular expression counts. */
export function patternUnits(source: string): number {
  if (source.length > MAX_PATTERN_UNITS) return source.length;
  return source.length + (source.match(COSTLY)?.length ?? 0) * COSTLY_UNITS;
}

/** Of what a task threw: 20,000 causes blocked their worker for 20 s in Deno, most of it for the stacks, and the host. */
export const MAX_ERRORS = 1_000;
export const MAX_STACKS = 100;
