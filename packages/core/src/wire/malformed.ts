/** The error for malformed messages from another process, and the checks that most often lead to it. */
import { ProtocolError } from "../errors.ts";

const SHOWN_CHARACTERS = 80;

/** @param received Shown in short form, whatever it is. */
export function malformed(expected: string, received: unknown): ProtocolError {
  return new ProtocolError(
    `Expected ${expected} in a message from another process, received ${show(received)}`,
  );
}

export function integer(value: unknown, max: number): number {
  if (!(Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max)) {
    throw malformed(`an integer from 0 to ${max}`, value);
  }
  return value as number;
}

/** Shows primitives only: showing an object could run foreign code, or take the time to read all of it. */
export function text(value: unknown): string {
  if (typeof value === "object" && value !== null) throw malformed("a text", value);
  return String(value);
}

/** Neither its size nor its depth may cost anything. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  const shown = typeof value === "string" ? JSON.stringify(value.slice(0, SHOWN_CHARACTERS)) : String(value);
  return shown.slice(0, SHOWN_CHARACTERS);
}
