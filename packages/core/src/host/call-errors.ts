/** The errors of a call that its worker can't take. */
import { SerializationError, UnknownTaskError } from "../errors.ts";
import { nearestName } from "../nearest-name.ts";

export function jsonOnly(name: string): SerializationError {
  return new SerializationError(
    `Cannot send the arguments of \`${name}\`: this worker reads only JSON, and JSON would change them`,
    { path: "args" },
  );
}

export function unknownTask(name: string, known: readonly string[]): UnknownTaskError {
  const exported = known.length === 0 ? "it exports no function" : `it exports ${known.join(", ")}`;
  return new UnknownTaskError(
    `The worker module has no task \`${name}\`: ${exported}${nearestName(name, known)}`,
  );
}
