/**
 * The examples of a Markdown document, as files and programs. Owns how a document says what is what; runs nothing.
 *
 *     ```ts              a block; one that begins with a comment of a file's name (`// work.ts`) is a part of that file,
 *                        one that imports the pool begins a program, any other goes on with the program before it
 *     ```ts no-run       an excerpt
 *     ```text            right behind a block of a program: what that block prints
 */
import { readFileSync } from "node:fs";

export interface Examples {
  /** Name and text. */
  readonly files: ReadonlyMap<string, string>;
  readonly programs: readonly Program[];
}

export interface Program {
  /** Where it begins in the document, from 1. */
  readonly line: number;
  readonly source: string;
  readonly steps: readonly Step[];
}

interface Step {
  readonly line: number;
  /** What it prints; undefined where the document says nothing of it. */
  readonly output: string | undefined;
}

interface Block {
  readonly info: string;
  readonly text: string;
  readonly line: number;
}

const FENCE = /^```([^\n`]*)\n([\s\S]*?)^```$/gm;
const FILE = /^\/\/ ([\w-]+\.ts)\b/;
const IMPORT = /^import [^;]*;\n?/gm;
const POOL_IMPORT = /^import [^;]*"@reapool\/node";/m;

export function readExamples(document: URL): Examples {
  const text = readFileSync(document, "utf8");
  const blocks = [...text.matchAll(FENCE)].map((match) => ({
    info: match[1] as string,
    text: match[2] as string,
    line: text.slice(0, match.index).split("\n").length,
  }));
  const files = new Map<string, string>();
  const programs: { first: Block; more: Block[]; outputs: Map<Block, string> }[] = [];
  for (const [i, block] of blocks.entries()) {
    if (block.info !== "ts") continue;
    const file = FILE.exec(block.text)?.[1];
    if (file !== undefined) {
      files.set(file, (files.get(file) ?? "") + block.text);
      continue;
    }
    if (POOL_IMPORT.test(block.text)) programs.push({ first: block, more: [], outputs: new Map() });
    const program = programs.at(-1);
    if (program === undefined) throw new Error(`Line ${block.line}: no program to go on with`);
    if (program.first !== block) program.more.push(block);
    const next = blocks[i + 1];
    if (next?.info === "text") program.outputs.set(block, next.text);
  }
  return {
    files,
    programs: programs.map(({ first, more, outputs }) => ({
      line: first.line,
      source: sourceOf(first, more),
      steps: [first, ...more].map((block) => ({ line: block.line, output: outputs.get(block) })),
    })),
  };
}

/** What is printed before each step, so that its output can be told from the others'. */
const marker = (line: number) => `--- line ${line} ---`;

/** What the first block declares is there for all; a later one keeps its names to itself. */
function sourceOf(first: Block, more: readonly Block[]): string {
  const imports = [first, ...more].flatMap(({ text }) => text.match(IMPORT) ?? []);
  const body = ({ text, line }: Block) => `console.log("${marker(line)}");\n${text.replaceAll(IMPORT, "")}`;
  return [...imports, body(first), ...more.map((block) => `{\n${body(block)}}\n`)].join("");
}

/** What each step of a program printed; undefined for one that was not reached. */
export function outputsOf(program: Program, printed: string): (string | undefined)[] {
  return program.steps.map(
    ({ line }) => printed.split(`${marker(line)}\n`)[1]?.split(/^--- line \d+ ---$/m)[0],
  );
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
