/**
 * Values as text: equal texts mean equal values, for everything that tasks here return and throw. Calls nothing on a
 * value.
 */
import { hashOf } from "./values.ts";

const SHOWN = 60;

export function describe(value: unknown): string {
  if (typeof value === "string") return shorten(JSON.stringify(value));
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return describeError(value as Error & { code?: unknown });
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Uint8Array) return `Uint8Array(${value.length})#${hashOf(value.join())}`;
  if (value instanceof Map)
    return `Map{${[...value].map(([k, v]) => `${describe(k)}=>${describe(v)}`).join()}}`;
  if (value instanceof Set) return `Set{${[...value].map(describe).join()}}`;
  if (Array.isArray(value)) return `[${value.map(describe).join()}]`;
  return describeProperties(value);
}

/** A PoolError by its code only, since its message contains what differs; likewise an error of the operating system. */
function describeError(error: Error & { code?: unknown }): string {
  if (typeof error.code === "string") return error.code;
  const own = Object.keys(error).length > 0 ? describeProperties(error) : "";
  const cause = error.cause === undefined ? "" : ` because ${describe(error.cause)}`;
  return `${error.constructor.name}(${error.message})${own}${cause}`;
}

function describeProperties(value: object): string {
  return `{${Object.entries(value)
    .map(([name, property]) => `${name}:${describe(property)}`)
    .join()}}`;
}

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…(${text.length}#${hashOf(text)})`;
}
