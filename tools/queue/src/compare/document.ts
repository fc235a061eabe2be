/** The section of docs/comparison-bullmq.md that holds the table. */
import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../../../docs/comparison-bullmq.md", import.meta.url);
const BEGIN = "<!-- compare:begin -->";
const END = "<!-- compare:end -->";

/** @throws Error if the document has no such section. */
export function writeComparison(markdown: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`Expected docs/comparison-bullmq.md to have ${BEGIN} before ${END}`);
  writeFileSync(DOCUMENT, `${text.slice(0, begin + BEGIN.length)}\n\n${markdown}\n\n${text.slice(end)}`);
}
