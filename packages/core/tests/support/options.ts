/** Options resolved for a runtime of which only the defaults matter. */
import { type PoolOptions, type ResolvedOptions, resolveOptions } from "../../src/options.ts";
import type { Launcher } from "../../src/port/launcher.ts";
import type { Runtime } from "../../src/port/runtime.ts";

export const launcher: Launcher = { name: "fake", command: () => ({ file: "fake", args: [] }) };

export function runtimeWith(cpus: number): Runtime {
  return { name: "fake", launcher, availableParallelism: () => cpus } as unknown as Runtime;
}

/** Any value as options, the wrong ones included. */
export function resolve(input: unknown): ResolvedOptions {
  return resolveOptions(input as PoolOptions, runtimeWith(4));
}

/** What a sentence about a wrong duration expects. */
export const DURATION = "milliseconds from 0 to 2147483647, or Infinity";
