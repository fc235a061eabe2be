/**
 * Whether the runtime is the one an adapter is for, and new enough: without this, whoever imports the wrong one sees an error of
 * a runtime's own about something else.
 */
import { propertyOf } from "../bare.ts";

export interface Running {
  readonly name: "Node" | "Bun" | "Deno";
  readonly version: string;
}

const NAMES = { node: "Node", bun: "Bun", deno: "Deno" } as const;

/** Bun and Deno have a `process` as well: they come first. Undefined where it is none of them. @param scope globalThis */
export function runningIn(scope: object): Running | undefined {
  const deno = textAt(scope, "Deno", "version", "deno");
  if (deno !== undefined) return { name: "Deno", version: deno };
  const bun = textAt(scope, "Bun", "version");
  if (bun !== undefined) return { name: "Bun", version: bun };
  const node = textAt(scope, "process", "versions", "node");
  return node === undefined ? undefined : { name: "Node", version: node };
}

function textAt(scope: object, ...path: string[]): string | undefined {
  let found: unknown = scope;
  for (const name of path) {
    if ((typeof found !== "object" && typeof found !== "function") || found === null) return undefined;
    found = found === scope ? propertyOf(scope, name) : (found as Record<string, unknown>)[name];
  }
  return typeof found === "string" ? found : undefined;
}

/**
 * What is wrong with it; undefined if nothing is.
 *
 * @param adapter the last part of its package's name
 * @param minimum the oldest version that it works in
 */
export function mismatch(
  found: Running | undefined,
  adapter: keyof typeof NAMES,
  minimum: string,
): string | undefined {
  const wanted = NAMES[adapter];
  if (found?.name !== wanted) {
    const is = found === undefined ? "something else" : `${found.name} ${found.version}`;
    return (
      `Expected @reapool/${adapter} to run in ${wanted}, this is ${is}: import "reapool", which takes the adapter of the ` +
      "runtime, and bundle for the runtime that the bundle runs in; a worker runs in the `executable` of its launcher"
    );
  }
  if (!isOlder(found.version, minimum)) return undefined;
  return (
    `Expected ${wanted} ${minimum} or later, this is ${wanted} ${found.version}: upgrade it; for workers, ` +
    "`launcher({ executable })` names another"
  );
}

/** @throws Error where it is another runtime or an older version */
export function assertRuntime(adapter: keyof typeof NAMES, minimum: string): void {
  const problem = mismatch(runningIn(globalThis), adapter, minimum);
  if (problem !== undefined) throw new Error(problem);
}

/** By their first three numbers: what follows them, as in `1.4.0-canary.3`, is not compared. */
function isOlder(version: string, minimum: string): boolean {
  const numbers = (text: string) => text.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const [has, wants] = [numbers(version), numbers(minimum)];
  for (const i of [0, 1, 2]) {
    const difference = (has[i] ?? 0) - (wants[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
