/** The part of a document that a program writes: what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./runtimes.ts";

export interface Section {
  /** From the root of the repository. */
  readonly document: string;
  readonly name: string;
}

/** @param change is given what stands there. @throws Error if the document has no such section. */
export function writeSection({ document, name }: Section, change: (old: string) => string): void {
  const file = join(ROOT, document);
  const text = readFileSync(file, "utf8");
  const [first, last] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [begin, end] = [text.indexOf(first), text.indexOf(last)];
  if (begin === -1 || end < begin) throw new Error(`Expected ${document} to have ${first} before ${last}`);
  const from = begin + first.length;
  writeFileSync(file, `${text.slice(0, from)}\n\n${change(text.slice(from, end))}\n\n${text.slice(end)}`);
}
