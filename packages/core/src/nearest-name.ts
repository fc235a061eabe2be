/** Suggestions for error messages about an unknown name. */
import { closestMatch } from "leven";

/** A typo changes at most a third of a name, and no more than this many letters; beyond that it is another word. */
const MAX_EDITS = 3;
/** A name of fewer letters begins too many words. */
const SHORTEST_START = 3;

/** `"; did you mean maxWorkers?"`, or an empty string when no name is close. */
export function nearestName(name: unknown, known: readonly string[]): string {
  const wanted = String(name);
  const maxDistance = Math.min(MAX_EDITS, Math.ceil(wanted.length / 3));
  const match = closestMatch(wanted, [...known], { maxDistance }) ?? longestStart(wanted, known);
  return match === undefined ? "" : `; did you mean ${match}?`;
}

/** `environment` for `env`, `timeoutMs` for `timeout`. */
function longestStart(wanted: string, known: readonly string[]): string | undefined {
  const starts = known.filter((name) => name.length >= SHORTEST_START && wanted.startsWith(name));
  return starts.reduce<string | undefined>(
    (longest, name) => (longest === undefined || name.length > longest.length ? name : longest),
    undefined,
  );
}
