/** Results as a file, and several of them as one. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Results } from "./results.ts";

/** JSON has no Infinity: what was never gone. */
const NEVER = "never";

export function writeJson(file: string, results: Results): void {
  const text = JSON.stringify(results, (_, value) => (value === Number.POSITIVE_INFINITY ? NEVER : value), 1);
  writeFileSync(file, `${text}\n`);
}

/** @throws Error if they can't be put together. */
export function readTogether(files: readonly string[]): Results {
  const all = files.map(readJson);
  const [first] = all;
  if (first === undefined) throw new Error("Expected a file of results");
  const sizeOf = ({ settings: { json, again, runtimes, write, ...size } }: Results) => JSON.stringify(size);
  if (all.some((results) => sizeOf(results) !== sizeOf(first)))
    throw new Error("Expected all results to be of the same parts, with the same counts");
  const runtimes = all.flatMap((results) => results.runtimes);
  if (new Set(runtimes.map(({ label }) => label)).size < runtimes.length)
    throw new Error("Expected each runtime once");
  return { ...first, runtimes, missing: all.flatMap(({ missing }) => missing) };
}

const readJson = (file: string): Results =>
  JSON.parse(readFileSync(file, "utf8"), (_, value) => (value === NEVER ? Number.POSITIVE_INFINITY : value));
