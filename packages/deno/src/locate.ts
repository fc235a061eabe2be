/**
 * Where Deno's parser stopped. Its errors say so themselves, some with colours, which are taken out here. Of a CommonJS file
 * that V8 parses they say nothing: it is found among those that `require` has found, and parsed once more.
 */
import { bare, type SyntaxPlace } from "@reapool/core/serve";

// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence begins with a control character
const COLOURS = /\u001b\[[\d;]*m/g;

export function locate(error: Error): SyntaxPlace | undefined {
  const { stack } = error;
  if (typeof stack !== "string") return undefined;
  if (isOfLoader(error, stack)) {
    error.message = error.message.replace(COLOURS, "");
    error.stack = stack.replace(COLOURS, "");
  }
  return error instanceof SyntaxError ? placeOfRequired(error, stack) : undefined;
}

/** What code throws, by whatever name, has that code on its stack; Deno's loader throws between two turns. */
function isOfLoader({ message }: Error, stack: string): boolean {
  if (!message.includes("\u001b[")) return false;
  const [frame = ""] = stack
    .slice(stack.indexOf(message) + message.length)
    .split("\n    at ")
    .slice(1);
  return frame === "" || frame.startsWith("async ");
}

/** The call of `require` that had the parser called: the last frame of Deno's own, and the first of somebody else's. */
const REQUIRING =
  /\n {4}at wrapSafe \(node:module:(?:.*\n)+? {4}at require \(node:module:.*\n {4}at (?:.*\()?(file:.*?):(\d+):(\d+)\)?(?:\n|$)/;

function placeOfRequired({ message }: SyntaxError, stack: string): SyntaxPlace | undefined {
  const [, file, line, column] = REQUIRING.exec(stack) ?? [];
  if (file === undefined) return undefined;
  const [place, another] = unloaded().flatMap((path) => placeIn(path, message) ?? []);
  if (place !== undefined && another === undefined) return place;
  const reason = `${message}, in the module that is required`;
  return { file, line: Number(line), column: Number(column), reason };
}

/** More are not looked at. */
const MAX_UNLOADED = 16;

/** Files that `require` has found and that are not loaded, the last first. */
function unloaded(): readonly string[] {
  const { _pathCache: found = {}, _cache: loaded = {} } = builtin("node:module") as Partial<
    Record<string, Record<string, unknown>>
  >;
  const paths = new Set(Object.values(found).map(String).reverse());
  return [...paths].filter((path) => !Object.hasOwn(loaded, path)).slice(0, MAX_UNLOADED);
}

/** Where the file is wrong, if it is wrong in this way. */
function placeIn(path: string, message: string): SyntaxPlace | undefined {
  const engine = Error as unknown as { stackTraceLimit: number };
  const limit = engine.stackTraceLimit;
  try {
    const text = Deno.readTextFileSync(path);
    const { pathToFileURL } = builtin("node:url") as { pathToFileURL(path: string): URL };
    const { compileFunction } = builtin("node:vm") as {
      compileFunction(code: string, params: readonly string[], options: { filename: string }): unknown;
    };
    const filename = pathToFileURL(path).href;
    engine.stackTraceLimit = 0;
    try {
      compileFunction(text, PARAMETERS, bare({ filename }));
    } catch (error) {
      if (error instanceof SyntaxError && error.message === message) return placeOf(error);
    }
  } catch {
    // it can't be read
  } finally {
    engine.stackTraceLimit = limit;
  }
  return undefined;
}

/** Of the function that Node makes of a CommonJS file. */
const PARAMETERS = ["exports", "require", "module", "__filename", "__dirname"];

let asked: SyntaxError | undefined;
let answer: SyntaxPlace | undefined;

/** Deno tells the place of an error that has no stack in the event of an uncaught error, and nowhere else. */
function placeOf(error: SyntaxError): SyntaxPlace | undefined {
  asked = error;
  answer = undefined;
  try {
    report(error);
  } finally {
    asked = undefined;
  }
  return answer;
}

const report = globalThis.reportError;

// The first of all listeners, so that nobody else hears of what is asked here.
addEventListener("error", (event) => {
  if (asked === undefined || event.error !== asked) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  answer = { file: event.filename, line: event.lineno, column: event.colno };
});

/** They are loaded by then, as a file was required; at the start of a worker they would take longer than all the rest. */
function builtin(name: string): unknown {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  return process.getBuiltinModule(name);
}
