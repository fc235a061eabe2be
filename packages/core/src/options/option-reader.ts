/**
 * Reads one object of options, value by value; the first wrong one throws. Owns the messages of these errors; the
 * files beside it define the options and their defaults.
 *
 * Options are the caller's own properties, each read once. What an object inherits is no option, be it from a polluted
 * `Object.prototype` or from a class.
 */

import { bare } from "../bare.ts";
import { ours } from "../call-site.ts";
import { fileUrl } from "../file-url.ts";
import { nearestName } from "../nearest-name.ts";
import type { Launcher } from "../port/launcher.ts";
import { MAX_TIMER_MS } from "../port/runtime.ts";

export class OptionReader {
  readonly #prefix: string;
  /** Without a prototype. */
  readonly #input: Record<string, unknown> = { __proto__: null } as Record<string, unknown>;

  constructor(prefix: string, input: unknown, known: readonly string[]) {
    this.#prefix = prefix;
    if (input !== undefined && (typeof input !== "object" || input === null || Array.isArray(input))) {
      throw ours(
        new TypeError(
          `Expected \`${prefix === "" ? "options" : prefix.slice(0, -1)}\` to be an object, received ${inspect(input)}`,
        ),
      );
    }
    if (input === undefined) return;
    for (const name of Object.keys(input)) {
      if (known.includes(name)) continue;
      throw ours(
        new TypeError(
          `Unknown option \`${prefix}${name}\`: expected one of ${known.join(", ")}${nearestName(name, known)}`,
        ),
      );
    }
    for (const name of known) {
      if (Object.hasOwn(input, name)) this.#input[name] = (input as Record<string, unknown>)[name];
    }
  }

  /** Those of these options that were given, for another reader. */
  pick<Options extends object>(names: readonly string[]): Options {
    const given = names.filter((name) => name in this.#input);
    return bare(Object.fromEntries(given.map((name) => [name, this.#input[name]]))) as Options;
  }

  get(name: string): unknown {
    return this.#input[name];
  }

  integer(name: string, min: number, fallback: number): number {
    const value = this.#given(name, fallback);
    return this.#number(name, value, `an integer of at least ${min}`, (n) => Number.isInteger(n) && n >= min);
  }

  optionalInteger(name: string, min: number, max: number): number | undefined {
    const value = this.#input[name];
    if (value === undefined) return undefined;
    const expected = max === Number.MAX_SAFE_INTEGER ? "an integer" : `an integer from ${min} to ${max}`;
    return this.#number(name, value, expected, (n) => Number.isInteger(n) && n >= min && n <= max);
  }

  /** A count, unbounded when Infinity; `orElse` names what else may be given. */
  count(name: string, fallback: number, orElse?: string): number {
    const isCount = (n: number) => n >= 0 && (Number.isInteger(n) || n === Number.POSITIVE_INFINITY);
    const expected = `an integer of at least 0${orElse === undefined ? "" : `, ${orElse}`}, or Infinity`;
    return this.#number(name, this.#given(name, fallback), expected, isCount);
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#given(name, fallback);
    if (typeof value === "boolean") return value;
    throw this.#wrong(name, "true or false", value);
  }

  callback(name: string): ((...args: unknown[]) => unknown) | undefined {
    const value = this.#input[name];
    if (value === undefined || typeof value === "function") {
      return value as ((...args: unknown[]) => unknown) | undefined;
    }
    throw this.#wrong(name, "a function", value);
  }

  text(name: string): string | undefined {
    const value = this.#input[name];
    if (value === undefined || typeof value === "string") return value;
    throw this.#wrong(name, "a string", value);
  }

  number(name: string, min: number, max: number, fallback: number): number {
    const expected =
      max === Number.MAX_VALUE ? `a number of at least ${min}` : `a number from ${min} to ${max}`;
    return this.#number(name, this.#given(name, fallback), expected, (n) => n >= min && n <= max);
  }

  /** Milliseconds; Infinity for no limit. */
  duration(name: string, fallback: number): number {
    const expected = `milliseconds from 0 to ${MAX_TIMER_MS}, or Infinity`;
    const isDuration = (n: number) => (n >= 0 && n <= MAX_TIMER_MS) || n === Number.POSITIVE_INFINITY;
    return this.#number(name, this.#given(name, fallback), expected, isDuration);
  }

  path(name: string): string | undefined {
    const value = this.#input[name];
    if (value === undefined || (typeof value === "string" && value !== ""))
      return value as string | undefined;
    throw this.#wrong(name, "a path", value);
  }

  /** A file, whose place does not depend on a working folder. */
  file(name: string): URL | undefined {
    const value = this.#input[name];
    if (value === undefined) return undefined;
    const url = value instanceof URL ? value.href : value;
    if (typeof url === "string" && url.startsWith("/")) return new URL(fileUrl(url));
    if (typeof url === "string" && url.startsWith("file:") && URL.canParse(url)) return new URL(url);
    throw this.#wrong(name, "an absolute path or a file URL", value);
  }

  strings(name: string): readonly string[] | undefined {
    const value = this.#input[name];
    if (value === undefined) return undefined;
    if (Array.isArray(value)) {
      // A hole would be filled from the prototype.
      const strings = Array.from(value, (item, i) => (Object.hasOwn(value, i) ? item : undefined));
      if (strings.every((item) => typeof item === "string")) return Object.freeze(strings);
    }
    throw this.#wrong(name, "an array of strings", value);
  }

  environment(name: string): Readonly<Record<string, string | undefined>> {
    const value = this.#given(name, {});
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw this.#wrong(name, "an object of strings", value);
    const variables = bare(value as Record<string, unknown>);
    for (const [key, item] of Object.entries(variables)) {
      if (item !== undefined && typeof item !== "string")
        throw this.#wrong(`${name}.${key}`, "a string", item);
    }
    return Object.freeze(variables as Record<string, string | undefined>);
  }

  /** One of a few words; the first is the default. */
  oneOf<Word extends string>(name: string, words: readonly Word[]): Word {
    const value = this.#given(name, words[0]);
    const word = words.find((known) => known === value);
    if (word !== undefined) return word;
    const quoted = words.map((known) => JSON.stringify(known));
    const others = quoted.slice(0, -1).join(", ");
    throw this.#wrong(name, `${others === "" ? "" : `${others} or `}${quoted.at(-1)}`, value);
  }

  launcher(name: string, fallback: Launcher): Launcher {
    const value = this.#given(name, fallback);
    if (typeof (value as Launcher | null)?.command === "function") return value as Launcher;
    throw this.#wrong(name, "a launcher, such as `launcher()` of @reapool/deno/launcher", value);
  }

  signal(name: string): AbortSignal | undefined {
    const value = this.#input[name];
    if (value === undefined || typeof (value as AbortSignal | null)?.addEventListener === "function") {
      return value as AbortSignal | undefined;
    }
    throw this.#wrong(name, "an AbortSignal", value);
  }

  #given(name: string, fallback: unknown): unknown {
    const value = this.#input[name];
    return value === undefined ? fallback : value;
  }

  #number(name: string, value: unknown, expected: string, isValid: (n: number) => boolean): number {
    if (typeof value !== "number") throw this.#wrong(name, expected, value);
    if (!isValid(value)) {
      throw ours(new RangeError(`Expected \`${this.#prefix}${name}\` to be ${expected}, received ${value}`));
    }
    return value;
  }

  #wrong(name: string, expected: string, received: unknown): TypeError {
    return ours(
      new TypeError(`Expected \`${this.#prefix}${name}\` to be ${expected}, received ${inspect(received)}`),
    );
  }
}

/** A value as it appears in a message. */
function inspect(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return typeof value === "function" ? "a function" : `${String(value)} (${typeof value})`;
}
