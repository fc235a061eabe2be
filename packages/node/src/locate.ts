/** Where Node's parser stopped: it keeps the place beside the error and shows it when it prints an uncaught one. */
import { runInNewContext } from "node:vm";
import { bare, type SyntaxPlace } from "@reapool/core/serve";

export function locate(error: Error): SyntaxPlace | undefined {
  const { stack } = error;
  // What a task itself throws, or gets from JSON.parse, is not of a module.
  if (!(error instanceof SyntaxError) || typeof stack !== "string" || !isOfLoader(stack)) return undefined;
  return placeIn(stack) ?? placeIn(shown(error, stack));
}

/** The first call of the stack: whether the loader of modules asked for the parsing. */
function isOfLoader(stack: string): boolean {
  return /\n {4}at .*/.exec(stack)?.[0].includes("node:internal/modules/") === true;
}

/** What is before the error in the stack: `file:2`, some lines, and a mark under the place; or one before each of its lines. */
function placeIn(stack: string): SyntaxPlace | undefined {
  const [, file, line] = /^(.+):(\d+)\n/.exec(stack) ?? [];
  if (file === undefined || file === PROBE) return undefined;
  const [code] = stack.split("\n    at ", 1);
  const before = /\n([ \t]*)\^/.exec(code as string)?.[1];
  return { file, line: Number(line), column: before === undefined ? undefined : before.length + 1 };
}

/**
 * An error that passes through a script has the place put before its stack, or the script's own if it has none. Of an ES
 * module Node tells the place in no other way.
 */
function shown(error: Error, stack: string): string {
  try {
    runInNewContext("throw error", { error }, bare({ filename: PROBE }));
  } catch {
    // as it must
  }
  const decorated = String(error.stack);
  if (decorated.startsWith(PROBE)) error.stack = stack;
  return decorated;
}

const PROBE = "reapool:probe";
