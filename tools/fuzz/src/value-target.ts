/** The decoder of values: it yields a value of the language's classes, or one of the two documented errors. */
import { PoolError, ProtocolError, SerializationError } from "../../../packages/core/src/errors.ts";
import { decode } from "../../../packages/core/src/wire/value.ts";
import { demand, type Target } from "./target.ts";

/** The most objects of a value that are checked. */
const MAX_LOOKED_AT = 500;

export function valueTarget(read: (payload: Uint8Array) => unknown = decode): Target {
  return {
    name: "value",
    run: (input) => {
      let value: unknown;
      try {
        value = read(input);
      } catch (error) {
        const isDocumented = error instanceof ProtocolError || error instanceof SerializationError;
        demand(isDocumented, `it threw ${String(error).slice(0, 200)}`);
        return undefined;
      }
      demandOrdinary(value);
      return value;
    },
  };
}

/** Each object in it has the prototype of a class, and never another object as its prototype. */
export function demandOrdinary(value: unknown): void {
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && seen.size < MAX_LOOKED_AT) {
    const next = waiting.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    if (next instanceof PoolError) continue; // it contains what a runtime threw
    seen.add(next);
    const prototype = Object.getPrototypeOf(next) as object | null;
    const isOfClass = prototype !== null && Object.hasOwn(prototype, "constructor");
    demand(isOfClass && prototype !== next, "an object has a prototype of the sender's making");
    if (ArrayBuffer.isView(next)) continue;
    for (const key of Object.getOwnPropertyNames(next).slice(0, MAX_LOOKED_AT)) {
      waiting.push(Object.getOwnPropertyDescriptor(next, key)?.value);
    }
    if (next instanceof Map || next instanceof Set) waiting.push(...[...next].flat().slice(0, MAX_LOOKED_AT));
  }
}
