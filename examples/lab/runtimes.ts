/**
 * The runtimes that this example shows, and how a program is started in each: this Node, and the `bun` and the `deno` on the
 * PATH, or those that `EXAMPLE_NODE`, `EXAMPLE_BUN` and `EXAMPLE_DENO` name.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export const RUNTIMES = ["node", "bun", "deno"] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

export interface RuntimeCommand {
  readonly file: string;
  /** The runtime's own arguments: the program and its arguments follow. */
  readonly args: readonly string[];
  /** Merged over the caller's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** Undefined where the runtime is not installed. */
export function runtimeCommand(runtime: RuntimeName): RuntimeCommand | undefined {
  const named = process.env[`EXAMPLE_${runtime.toUpperCase()}`];
  const file = named ?? (runtime === "node" ? process.execPath : onPath(runtime));
  return file === undefined
    ? undefined
    : { file, args: runtime === "deno" ? ["run", "-A"] : [], env: { DENO_NO_UPDATE_CHECK: "1" } };
}

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
