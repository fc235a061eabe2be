/**
 * A JSON file that a worker module imports and that can't be parsed: which one, and where. Deno and Bun name no file in the
 * error, Node no line. So what the module imports is read again, by its text. Owns the search; used only where a start has
 * failed for it.
 */
import type { SyntaxPlace } from "./syntax-errors.ts";

/** Reads a file by its URL. @throws Error when it can't be read. */
export type ReadText = (url: string) => string;

/** Undefined for any other error than that of a JSON file which the module, or one it imports, imports. */
export function jsonPlace(error: unknown, module: string, readText: ReadText): SyntaxPlace | undefined {
  if (!(error instanceof SyntaxError) || !WORDS.test(error.message) || OWN_PARSE.test(String(error.stack)))
    return undefined;
  const urls = new Set([module]);
  for (const url of urls) {
    const text = textAt(url, readText);
    if (text === undefined) continue;
    if (!isJson(url)) {
      for (const [, specifier] of text.matchAll(IMPORTS)) {
        if (urls.size < MAX_FILES) urls.add(new URL(specifier as string, url).href);
      }
      continue;
    }
    const at = faultIn(text);
    if (at === undefined) continue;
    const before = text.slice(0, at).split("\n");
    return { file: url, line: before.length, column: (before.at(-1) as string).length + 1 };
  }
  return undefined;
}

/** Of V8 and of JavaScriptCore. */
const WORDS = /\bJSON\b/;

/** Called by the application, not by what loads modules. Where its frame lies differs with what formats the stack. */
const OWN_PARSE = /\bat (?:JSON\.)?parse \((?:<anonymous>|unknown|native)\)\n\s+at (?!.*\b(?:node|ext):)/;

/** Relative ones: a package's own JSON is rarely what is broken. */
const IMPORTS = /\b(?:from|import|require)\b\s*\(?\s*["'](\.{1,2}\/[^"'\n]+)["']/g;

const MAX_FILES = 200;

function isJson(url: string): boolean {
  return new URL(url).pathname.endsWith(".json");
}

function textAt(url: string, readText: ReadText): string | undefined {
  try {
    return readText(url);
  } catch {
    return undefined; // a folder, or a name without its extension
  }
}

const TOKEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in a text
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/y;

/** What may come next in place of a value: nothing else, the end of an empty list or object. */
type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end";

/** Where the text stops being JSON; undefined if it is. */
export function faultIn(text: string): number | undefined {
  const open: string[] = [];
  let expected: Expected = "value";
  let at = text.startsWith("\ufeff") ? 1 : 0;
  while (true) {
    const blank = at + (/^[ \t\r\n]*/.exec(text.slice(at, at + MAX_BLANK))?.[0].length ?? 0);
    if (expected === ", or end" && open.length === 0) return blank < text.length ? blank : undefined;
    TOKEN.lastIndex = at;
    const [whole, sign, literal] = TOKEN.exec(text) ?? [];
    if (whole === undefined) return blank;
    const next = after(expected, sign, literal, open);
    if (next === undefined) return blank;
    expected = next;
    at += whole.length;
  }
}

const MAX_BLANK = 1_000;

/** Undefined if it must not be there. */
function after(
  expected: Expected,
  sign: string | undefined,
  literal: string | undefined,
  open: string[],
): Expected | undefined {
  const inObject = open.at(-1) === "{";
  switch (expected) {
    case ":":
      return sign === ":" ? "value" : undefined;
    case ", or end":
      if (sign === ",") return inObject ? "key" : "value";
      return closes(sign, open);
    case "key":
    case "key or }":
      if (literal?.startsWith('"')) return ":";
      return expected === "key or }" && sign === "}" ? closes(sign, open) : undefined;
    default:
      if (literal !== undefined) return ", or end";
      if (sign === "]" && expected === "value or ]") return closes(sign, open);
      if (sign !== "{" && sign !== "[") return undefined;
      open.push(sign);
      return sign === "{" ? "key or }" : "value or ]";
  }
}

function closes(sign: string | undefined, open: string[]): Expected | undefined {
  if (sign !== (open.at(-1) === "{" ? "}" : "]")) return undefined;
  open.pop();
  return ", or end";
}
