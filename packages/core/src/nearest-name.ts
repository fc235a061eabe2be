/** The ends of error messages about a name that is not known. */
import { closestMatch } from "leven";

/** A typo changes at most a third of a name, and no more than this many letters: else it is another word. */
const MAX_EDITS = 3;

/** `"; did you mean maxWorkers?"`, or nothing when no name is near. */
export function nearestName(name: unknown, known: readonly string[]): string {
  const wanted = String(name);
  const maxDistance = Math.min(MAX_EDITS, Math.ceil(wanted.length / 3));
  const match = closestMatch(wanted, [...known], { maxDistance });
  return match === undefined ? "" : `; did you mean ${match}?`;
}
