/** One start of what a shape has built, in one runtime, and what is wrong with it. */
import { randomUUID } from "node:crypto";
import type { RuntimeName } from "@reapool/measuring/runtimes";
import { findLeftovers } from "./leftovers.ts";
import { commandIn, type Shape } from "./shape.ts";
import { describeEnd, type Ended, runShell } from "./shell.ts";

/** What tests/deploy/app prints at its end. */
const LAST_WORDS = "3 calls, 1 crash, closed";
const WARNING = /warn|deprecat|experimental/i;
const START_MS = 120_000;

/** `failed` says that it could not work and said why, as it must. */
export type Result =
  | { readonly kind: "passed" | "refused" | "absent" }
  | { readonly kind: "broken" | "skipped"; readonly reason: string };

export async function startIn(
  shape: Shape,
  runtime: RuntimeName,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Result> {
  const command = commandIn(shape, runtime);
  if (command === undefined) return { kind: "absent" };
  const [name, value] = ["MATRIX_MARK", randomUUID()];
  const ended = await runShell(command, { cwd: folder, env: { ...env, [name]: value }, timeoutMs: START_MS });
  const left = await findLeftovers(`${name}=${value}`, folder);
  const faults = [
    ...(shape.fails === undefined ? faultsOfEnd(ended) : faultsOfRefusal(ended, shape.fails)),
    ...warningsIn(ended, shape),
    ...left.map((process) => `left over: ${process}`),
  ];
  if (faults.length > 0)
    return { kind: "broken", reason: `${faults.join("\n")}\n${describeEnd(command, ended)}` };
  return { kind: shape.fails === undefined ? "passed" : "refused" };
}

/** A test runner prints its own words around those of the program. */
function faultsOfEnd({ code, stdout, stderr }: Ended): string[] {
  const hasSaid = `${stdout}\n${stderr}`.split("\n").some((line) => line.trim().endsWith(LAST_WORDS));
  return [
    ...(code === 0 ? [] : ["expected exit code 0"]),
    ...(hasSaid ? [] : [`expected the line ${JSON.stringify(LAST_WORDS)}`]),
  ];
}

function faultsOfRefusal({ code, stdout, stderr }: Ended, fails: RegExp): string[] {
  return [
    ...(code === 0 ? ["expected another exit code than 0"] : []),
    ...(fails.test(stdout + stderr) ? [] : [`expected an error like ${fails}`]),
  ];
}

function warningsIn({ stdout, stderr }: Ended, { warns, fails }: Shape): string[] {
  if (fails !== undefined) return [];
  return `${stdout}\n${stderr}`
    .split("\n")
    .filter((line) => WARNING.test(line) && !warns?.test(line))
    .map((line) => `unexpected warning: ${line}`);
}
