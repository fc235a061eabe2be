/** The section of docs/guarantees.md that holds the results. */
import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../../docs/guarantees.md", import.meta.url);
const BEGIN = "<!-- prove:begin -->";
const END = "<!-- prove:end -->";

/** @throws Error if the document has no such section. */
export function writeResults(markdown: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`Expected docs/guarantees.md to have ${BEGIN} before ${END}`);
  writeFileSync(DOCUMENT, `${text.slice(0, begin + BEGIN.length)}\n\n${markdown}\n\n${text.slice(end)}`);
}
