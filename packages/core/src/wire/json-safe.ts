/**
 * Proves that a value survives JSON unchanged, so that most values need no other encoding. If in doubt, it says no. Says as well
 * how much of the value is long text, which may travel beside it (long-text.ts).
 *
 * Not safe: undefined, NaN, the infinities, -0, bigint, holes, extra properties of an array, anything but
 * plain objects and arrays, an object that occurs twice (JSON would make two of it) and cycles.
 */
import { isLong } from "./long-text.ts";

/** Deeper values use the graph encoding, which does not recurse. */
const MAX_DEPTH = 100;
/** Up to this size, scanning a short list beats a Set. */
const MAX_LISTED = 8;

/** What a value that is safe consists of. */
export interface Survey {
  /** Objects and arrays. */
  readonly objects: number;
  /** Long texts. */
  readonly longTexts: number;
}

const SHORT_PRIMITIVE: Survey = { objects: 0, longTexts: 0 };
const LONG_PRIMITIVE: Survey = { objects: 0, longTexts: 1 };

/** Undefined when JSON would change the value. */
export function surveyJson(value: unknown): Survey | undefined {
  if (typeof value === "string") return isLong(value) ? LONG_PRIMITIVE : SHORT_PRIMITIVE;
  if (typeof value !== "object") return isSafePrimitive(value) ? SHORT_PRIMITIVE : undefined;
  const visited = new Visited();
  return isSafe(value, visited, 0) ? visited : undefined;
}

/**
 * The same for the arguments of a call: what else their list has, or which class it is of, is no argument. Most have no object,
 * and need no more than a look at each.
 */
export function surveyArguments(args: readonly unknown[]): Survey | undefined {
  if ("toJSON" in args) return undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (typeof arg === "string" ? isLong(arg) : !isSafePrimitive(arg)) return surveyEach(args);
  }
  return SHORT_PRIMITIVE;
}

function surveyEach(args: readonly unknown[]): Survey | undefined {
  const visited = new Visited();
  visited.add(args);
  // Not by its iterator, which may be its own: JSON goes by the index.
  for (let i = 0; i < args.length; i++) if (!isSafe(args[i], visited, 1)) return undefined;
  return visited;
}

function isSafePrimitive(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === "boolean";
}

function isSafe(value: unknown, visited: Visited, depth: number): boolean {
  if (typeof value === "string") {
    if (isLong(value)) visited.longTexts++;
    return true;
  }
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
  const keys = Object.keys(object);
  for (let i = 0; i < keys.length; i++) {
    if (!isSafe((object as Record<string, unknown>)[keys[i] as string], visited, depth + 1)) return false;
  }
  return !(Symbol.toStringTag in object);
}

/** The objects visited so far. */
class Visited implements Survey {
  objects = 0;
  longTexts = 0;
  /** Most values are one object. */
  #first: object | undefined;
  #listed: object[] | undefined;
  #set: Set<object> | undefined;

  /** False if it was visited before. */
  add(object: object): boolean {
    this.objects++;
    if (this.#first === undefined) {
      this.#first = object;
      return true;
    }
    // Not `has` and then `add`: a large value is looked up once for each object.
    if (this.#set !== undefined) return this.#set.add(object).size === this.objects;
    this.#listed ??= [this.#first];
    if (this.#listed.includes(object)) return false;
    this.#listed.push(object);
    if (this.#listed.length > MAX_LISTED) this.#set = new Set(this.#listed);
    return true;
  }
}
