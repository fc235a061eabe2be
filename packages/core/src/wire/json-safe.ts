/**
 * Proves that a value survives JSON unchanged, so that most values need no other encoding. If in doubt, it says no.
 *
 * Not safe: undefined, NaN, the infinities, -0, bigint, holes, extra properties of an array, anything but
 * plain objects and arrays, an object that occurs twice (JSON would make two of it) and cycles.
 */

/** Deeper values use the graph encoding, which does not recurse. */
const MAX_DEPTH = 100;
/** Up to this size, scanning a short list beats a Set. */
const MAX_LISTED = 8;

export function isJsonSafe(value: unknown): boolean {
  if (typeof value !== "object") return isSafePrimitive(value);
  return isSafe(value, new Visited(), 0);
}

function isSafePrimitive(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === "string" || typeof value === "boolean";
}

function isSafe(value: unknown, visited: Visited, depth: number): boolean {
  if (typeof value !== "object") return isSafePrimitive(value);
  if (value === null) return true;
  if (depth > MAX_DEPTH || !visited.add(value)) return false;
  if ("toJSON" in value) return false; // JSON would call it
  return Array.isArray(value) ? isSafeArray(value, visited, depth) : isSafeObject(value, visited, depth);
}

function isSafeArray(array: readonly unknown[], visited: Visited, depth: number): boolean {
  if (Object.getPrototypeOf(array) !== Array.prototype) return false;
  for (let i = 0; i < array.length; i++) if (!isSafe(array[i], visited, depth + 1)) return false;
  // A match of a regular expression, for example, is an array with `index` and `groups`. The check costs as much as
  // JSON.stringify on an array of 100,000 numbers; we found no cheaper proof, and a typed array avoids it.
  return isDenseArray(array, Object.keys(array));
}

/** Whether every element is there and nothing else. Keys list the indices first. */
export function isDenseArray(array: readonly unknown[], keys: readonly string[]): boolean {
  return keys.length === array.length && (keys.length === 0 || keys.at(-1) === String(array.length - 1));
}

function isSafeObject(object: object, visited: Visited, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return false;
  for (const key of Object.keys(object)) {
    if (!isSafe((object as Record<string, unknown>)[key], visited, depth + 1)) return false;
  }
  return !(Symbol.toStringTag in object);
}

/** The objects visited so far. */
class Visited {
  /** Most values are one object. */
  #first: object | undefined;
  #listed: object[] | undefined;
  #set: Set<object> | undefined;

  /** False if it was visited before. */
  add(object: object): boolean {
    if (this.#first === undefined) {
      this.#first = object;
      return true;
    }
    if (this.#set !== undefined) {
      if (this.#set.has(object)) return false;
      this.#set.add(object);
      return true;
    }
    this.#listed ??= [this.#first];
    if (this.#listed.includes(object)) return false;
    this.#listed.push(object);
    if (this.#listed.length > MAX_LISTED) this.#set = new Set(this.#listed);
    return true;
  }
}
