/**
 * The examples of a Markdown page, as the program that a reader gets who pastes its blocks one below the other. Owns how
 * a page says what is what; runs nothing.
 *
 *     ```ts              a block of the program; one that begins with a comment of a file's name (`// work.ts`) is a
 *                        part of that file instead
 *     ```js              the same in JavaScript, always of a file: `// main.mjs` is a program of its own
 *     ```ts no-run       an excerpt that can't run; the page says why
 *     ```text            right behind a block of the program: what that block prints; without one it prints nothing
 *
 * "In Deno … take `--allow-…`" names the permissions that a page needs beyond those that README.md names for all.
 */
import { readFileSync } from "node:fs";

export interface Examples {
  /** Name and text. */
  readonly files: ReadonlyMap<string, string>;
  /** The blocks of the program as they are printed, in their order. */
  readonly program: string;
  /** What the program prints; undefined where the page says nothing of it. */
  readonly output: string | undefined;
  readonly denoFlags: readonly string[];
}

const README = new URL("../../README.md", import.meta.url);
const FENCE = /^```([^\n`]*)\n([\s\S]*?)^```$/gm;
const FILE = /^\/\/ ([\w-]+\.(?:ts|mjs))\b/;
const NEEDED_IN_DENO = /^\| Deno .*?`(--allow-[^`]*)`/m;
const MORE_IN_DENO = /\bIn Deno\b[^.`]*\stakes?\s`(--allow-[^`]*)`/;

export function readExamples(document: URL): Examples {
  const text = readFileSync(document, "utf8");
  const files = new Map<string, string>();
  const program: string[] = [];
  const outputs: string[] = [];
  const blocks = [...text.matchAll(FENCE)].map(([, info, block]) => [info, block] as [string, string]);
  for (const [i, [info, block]] of blocks.entries()) {
    if (info !== "ts" && info !== "js") continue;
    const file = FILE.exec(block)?.[1];
    if (file !== undefined) {
      files.set(file, (files.get(file) ?? "") + block);
      continue;
    }
    program.push(block);
    const [nextInfo, next] = blocks[i + 1] ?? [];
    if (nextInfo === "text") outputs.push(next as string);
  }
  return {
    files,
    program: program.join("\n"),
    output: outputs.length === 0 ? undefined : outputs.join(""),
    denoFlags: denoFlagsOf(text),
  };
}

function denoFlagsOf(text: string): string[] {
  const needed = NEEDED_IN_DENO.exec(readFileSync(README, "utf8"))?.[1];
  if (needed === undefined) throw new Error("README.md names no permissions for Deno");
  const more = MORE_IN_DENO.exec(text)?.[1] ?? "";
  if (more.includes("--allow-all")) return ["--allow-all"]; // goes with no other
  return [needed, more].flatMap((flags) => flags.match(/\S+/g) ?? []);
}

/** What differs from run to run stands in a document as a name in angle brackets. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  "<pid>": String.raw`\d+`,
  "<ms>": String.raw`\d+(?:\.\d+)?`,
  "<MiB>": String.raw`\d+`,
  "<path>": String.raw`\S+`,
};

export function isOutput(printed: string, expected: string): boolean {
  const pattern = expected
    .trimEnd()
    .replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
    .replaceAll(/<\w+>/g, (name) => PLACEHOLDERS[name] ?? name);
  return new RegExp(`^${pattern}$`).test(printed.trimEnd());
}
