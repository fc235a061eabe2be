/** The runtimes that are measured: how to run a program in each, and its version. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { bun, deno, node22, node24, node26 } from "@reapool/runtimes";

export const RUNTIME_NAMES = ["node22", "node24", "node26", "bun", "deno"] as const;
export type RuntimeName = (typeof RUNTIME_NAMES)[number];

export interface RuntimeLabel {
  readonly name: RuntimeName;
  /** For people: `Node 24.21.0`. */
  readonly label: string;
}

export interface Runtime extends RuntimeLabel {
  readonly executable: string;
  readonly flags: readonly string[];
}

const EXECUTABLES: Readonly<Record<RuntimeName, string | undefined>> = { node22, node24, node26, bun, deno };

/** Undefined when it is not installed. */
export function findRuntime(name: RuntimeName): Runtime | undefined {
  const executable = EXECUTABLES[name];
  if (executable === undefined) return undefined;
  const [, version = ""] =
    /(\d+\.\d+\.\d+)/.exec(execFileSync(executable, ["--version"], { encoding: "utf8" })) ?? [];
  const family = name.startsWith("node") ? "Node" : name === "bun" ? "Bun" : "Deno";
  return { name, label: `${family} ${version}`, executable, flags: name === "deno" ? ["run", "-A"] : [] };
}

/** Where Deno finds its deno.json. */
export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));
