/** JSON of another shape: types, numbers, indexes and depth, in the vocabulary of the graph encoding. */
import type { Random } from "./random.ts";

const WORDS = [
  "object", "array", "sparse", "map", "set", "date", "regexp", "boxed", "error", "exception", "quota", "buffer",
  "view", "bytes", "shared", "text", "undefined", "number", "bigint",
]; // biome-ignore format: a list of words

const TEXTS = [
  "", "__proto__", "constructor", "prototype", "toString", "length", "name", "message", "stack", "cause", "then",
  "toJSON", "NaN", "-0", "Infinity", "1e9", "0x10", "9".repeat(1_000), "Uint8Array", "Float64Array", "DataView",
  "Function", "Error", "SuppressedError", "AggregateError", "WebAssembly.RuntimeError", "(a+)+$", "[", "\\u{110000}",
  "(?:".repeat(200), "a{1000}", "dgimsuy", "v", "ii", "\ud800", "4294967294", "99999", "0".repeat(32),
]; // biome-ignore format: a list of words

const NUMBERS = [
  0, -0, 1, 2, 3, 7, 0.5, -1, 255, 65_536, 99_999, 100_001, 1_048_576, 30_000_000, 33_554_431, 2 ** 31, 2 ** 32 - 1,
  2 ** 32, 2 ** 33, 2 ** 53, 1e21, 1e308, -1e308, 8.64e15,
]; // biome-ignore format: a list of numbers

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Text that is not JSON stays that way, and gets worse. */
export function mutateJson(text: string, random: Random): string {
  if (random.once(50)) return nested(text, random);
  try {
    return JSON.stringify(mutate(JSON.parse(text) as Json, random)) ?? "null";
  } catch {
    const at = random.below(text.length + 1); // or nested so deep that it can't be written again
    return text.slice(0, at) + random.pick(['"', "[", "]", "{", ",", "1", "\\u", "null"]) + text.slice(at);
  }
}

function nested(text: string, random: Random): string {
  const depth = 1 + random.below(8_000);
  return random.once(2)
    ? "[".repeat(depth) + text + "]".repeat(depth)
    : '{"a":'.repeat(depth) + text + "}".repeat(depth);
}

function mutate(value: Json, random: Random): Json {
  if (typeof value !== "object" || value === null || random.once(6)) return fresh(random, value);
  if (!Array.isArray(value)) {
    const keys = Object.keys(value);
    const key = random.once(3) || keys.length === 0 ? random.pick(TEXTS) : random.pick(keys);
    const inner = Object.hasOwn(value, key) ? (value[key] as Json) : null;
    return Object.defineProperty({ ...value }, key, {
      value: mutate(inner, random),
      enumerable: true,
      configurable: true,
    });
  }
  const list = [...value];
  const at = random.below(list.length + 1);
  switch (random.below(8)) {
    case 0:
      list.splice(at, 1);
      return list;
    case 1:
      list.splice(at, 0, fresh(random, null));
      return list;
    case 2: {
      const copy = list[at] ?? fresh(random, null);
      list.splice(at, 0, ...Array.from({ length: random.once(4) ? random.below(3_000) : 1 }, () => copy));
      return list;
    }
    case 3: {
      const other = random.below(list.length + 1);
      [list[at], list[other]] = [list[other] ?? null, list[at] ?? null];
      return list;
    }
    default:
      if (list.length > 0) {
        const inner = at % list.length;
        list[inner] = mutate(list[inner] as Json, random);
      }
      return list;
  }
}

function fresh(random: Random, instead: Json): Json {
  switch (random.below(10)) {
    case 0:
      return null;
    case 1:
      return random.once(2);
    case 2:
      return random.pick(TEXTS);
    case 3:
      return random.pick(WORDS);
    case 4:
      return [random.below(8)]; // an index in the table
    case 5:
      return [random.pick(WORDS), random.pick(NUMBERS), random.pick(NUMBERS), random.pick(NUMBERS)];
    case 6:
      return [random.pick(["undefined", "number", "bigint"]), random.pick(TEXTS)];
    case 7:
      return { toString: 1, valueOf: 1 };
    case 8:
      return typeof instead === "number" ? instead + random.below(5) - 2 : [instead, instead];
    default:
      return random.pick(NUMBERS);
  }
}
