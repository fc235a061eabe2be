/**
 * Runs a target on an input and reports what it broke: its own rules, the limits of time and memory, the prototypes.
 */
import { performance } from "node:perf_hooks";
import process from "node:process";
import { Breach, type Target } from "./target.ts";

export interface Limits {
  readonly ms: number;
  readonly bytes: number;
}

/** For inputs below 64 KiB. An announced frame may take 64 MiB of address space before it arrives. */
const LIMITS: Limits = { ms: 250, bytes: 96 * 2 ** 20 };

/** A machine that is briefly busy exceeds the limit once, not every time. */
const TIME_TRIES = 3;
/** A collection hides allocations, and other work may allocate: so an excess must be seen twice in so many runs. */
const MEMORY_TRIES = 6;
const MEMORY_SEEN = 2;

const PROTOTYPES: readonly object[] = [Object, Array, Error, Map, Set, Function, Promise, RegExp, Date].map(
  ({ prototype }) => prototype as object,
);
const UNTOUCHED = PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype));

/** What it broke, as a sentence; undefined if everything holds. */
export function breachOf(target: Target, input: Uint8Array, limits: Limits = LIMITS): string | undefined {
  return brokenRule(target, input, limits) ?? takenMemory(target, input, limits);
}

function brokenRule(target: Target, input: Uint8Array, limits: Limits): string | undefined {
  for (let tries = 1; ; tries++) {
    const { broken, isLate } = attempt(target, input, limits);
    if (isLate !== true || tries === TIME_TRIES) return broken;
  }
}

function takenMemory(target: Target, input: Uint8Array, limits: Limits): string | undefined {
  let seen = 0;
  for (let tries = 0; tries < MEMORY_TRIES; tries++) {
    collect();
    const before = memory();
    const tried = attempt(target, input, limits);
    collect();
    const bytes = grown(before);
    keep(tried);
    if (bytes > limits.bytes && ++seen === MEMORY_SEEN) return `it took ${Math.round(bytes / 2 ** 20)} MiB`;
  }
  return undefined;
}

/**
 * Whether each input must be measured: asking for memory takes longer than most inputs, so it is usually asked for
 * all at once.
 */
export function areSuspicious(
  inputs: readonly (readonly [Target, Uint8Array])[],
  limits: Limits = LIMITS,
): boolean {
  const before = memory();
  const tried = inputs.map(([target, input]) => attempt(target, input, limits));
  const isLarge = grown(before) > limits.bytes;
  keep(tried);
  return isLarge || tried.some(({ broken }) => broken !== undefined);
}

interface Tried {
  readonly broken?: string;
  readonly isLate?: boolean;
  /** Its result, held until memory is measured. */
  readonly held?: unknown;
}

function attempt(target: Target, input: Uint8Array, limits: Limits): Tried {
  const start = performance.now();
  let held: unknown;
  let broken: string | undefined;
  try {
    held = target.run(input);
  } catch (error) {
    broken = error instanceof Breach ? error.message : `it threw ${String(error).slice(0, 200)}`;
  }
  const ms = performance.now() - start;
  if (haveChanged()) return { broken: "a prototype of the language was changed" };
  if (broken !== undefined) return { broken };
  return ms > limits.ms ? { broken: `it took ${Math.round(ms)} ms`, isLate: true } : { held };
}

/** Takes the result as an argument, so that no collector takes it before. */
function keep(_held: unknown): void {}

/** Also restores them, for the next input. */
function haveChanged(): boolean {
  let isChanged = false;
  for (const [i, prototype] of PROTOTYPES.entries()) {
    const untouched = UNTOUCHED[i] as readonly PropertyKey[];
    const keys = Reflect.ownKeys(prototype);
    if (keys.length === untouched.length) continue;
    isChanged = true;
    for (const key of keys) if (!untouched.includes(key)) Reflect.deleteProperty(prototype, key);
  }
  return isChanged;
}

interface Memory {
  readonly values: number;
  readonly resident: number;
}

const bun = (globalThis as { Bun?: { gc(isSync: boolean): void } }).Bun;

function memory(): Memory {
  const { heapUsed, external, rss } = process.memoryUsage();
  return { values: bun === undefined ? heapUsed + external : heapUsed, resident: rss }; // in Bun, one includes the other
}

/** Bun counts buffers only then. */
function collect(): void {
  bun?.gc(true);
}

function grown(before: Memory): number {
  const now = memory();
  return Math.max(now.values - before.values, now.resident - before.resident);
}
