/**
 * Why a process could not be started, where the runtime names the wrong thing: for a working folder that is missing, Node
 * and Bun name the program. Owns these sentences; whether the start is tried again is reaping/process-group.ts.
 */
import { codeOf } from "../bare.ts";
import { messageOf } from "../message-of.ts";
import type { Command, Runtime } from "../port/runtime.ts";

const MISSING: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR"]);

/** The error itself, or one that says more and has it as its cause. */
export function explainStart(
  error: unknown,
  { file, args, cwd }: Command,
  runtime: Pick<Runtime, "fileAt">,
): unknown {
  const code = codeOf(error);
  if (!MISSING.has(code)) return error;
  const say = (what: string) =>
    Object.assign(new Error(`${what} (${messageOf(error)})`, { cause: error }), { code });
  if (cwd !== undefined && runtime.fileAt(cwd)?.isFolder !== true)
    return say(`Expected \`worker.cwd\` to be a folder that exists, received ${JSON.stringify(cwd)}`);
  const program = [file, ...args].find((part) => part.startsWith("/"));
  if (program === undefined || runtime.fileAt(program) !== undefined) return error;
  return say(
    `Expected a program at ${program}, found none; if the runtime was upgraded or moved while this program runs, restart it`,
  );
}
