/**
 * Which module imports a name that another does not export: Bun says which name and which other, not who asks. So the imports
 * are followed from the worker module on, as text: nothing is loaded. Owns nothing of the error.
 */
import { readFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { bare } from "@reapool/core/serve";

export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

const MESSAGES = [
  /^Export named '(?<name>.+)' not found in module '(?<module>.+)'\.$/s,
  /^Missing '(?<name>default)' export in module '(?<module>.+)'\.$/s,
  /^export '(?<name>.+)' not found in '(?<module>.+)'$/s, // as it is written there
];

/** Larger programs are not searched to their end. */
const MAX_FILES = 1_000;

/** @param root The path of the worker module. */
export function importerOf(message: string, root: string): Place | undefined {
  const { name, module } = MESSAGES.map((pattern) => pattern.exec(message)).find(Boolean)?.groups ?? {};
  if (name === undefined || module === undefined) return undefined;
  const files = new Set([root]);
  for (const file of files) {
    const text = readCode(file);
    for (const path of importsOf(file, text)) {
      const resolved = resolve(path, file);
      const place = path === module || resolved === module ? placeIn(file, text, path, name) : undefined;
      if (place !== undefined) return place;
      if (files.size < MAX_FILES) files.add(resolved);
    }
  }
  return undefined;
}

function readCode(file: string): string {
  try {
    return loaderOf(file) === undefined ? "" : readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function importsOf(file: string, text: string): readonly string[] {
  const loader = loaderOf(file);
  if (loader === undefined || text === "") return [];
  try {
    return new Bun.Transpiler(bare({ loader })).scanImports(text).map(({ path }) => path);
  } catch {
    return []; // it can't be parsed, and so is not what was loaded
  }
}

function loaderOf(file: string): "tsx" | "ts" | "jsx" | undefined {
  const [, kind, isX] = /^\.[cm]?([jt])s(x?)$/.exec(extname(file)) ?? [];
  if (kind === "j") return "jsx"; // Bun lets JSX stand in any
  return kind === undefined ? undefined : isX === "x" ? "tsx" : "ts";
}

function resolve(path: string, from: string): string {
  try {
    return Bun.resolveSync(path, dirname(from));
  } catch {
    return path;
  }
}

/** The import or the re-export of this name from there. */
function placeIn(file: string, text: string, path: string, name: string): Place | undefined {
  const code = text.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g, (comment) => comment.replace(/./g, " "));
  const statement = new RegExp(`\\b(?:im|ex)port\\b([^;"'\`]*?)\\bfrom\\s*(["'])${escaped(path)}\\2`, "dg");
  for (const { indices } of code.matchAll(statement)) {
    const [start, end] = indices?.[1] ?? [0, 0];
    const clause = code.slice(start, end);
    const found = new RegExp(`(?<![\\w$])${escaped(name)}(?![\\w$])`).exec(clause);
    const at = found?.index ?? (name === "default" ? /^\s*(?=[\w$])/.exec(clause)?.[0].length : undefined);
    if (at === undefined) continue;
    const before = text.slice(0, start + at).split("\n");
    return { file, line: before.length, column: (before.at(-1) as string).length + 1 };
  }
  return undefined;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
