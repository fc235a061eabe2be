/** The place in docs/guarantees.md where the results stand. */
import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../../docs/guarantees.md", import.meta.url);
const BEGIN = "<!-- prove:begin -->";
const END = "<!-- prove:end -->";

/** @throws Error where the document has no such place. */
export function writeResults(markdown: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`Expected docs/guarantees.md to have ${BEGIN} before ${END}`);
  writeFileSync(DOCUMENT, `${text.slice(0, begin + BEGIN.length)}\n\n${markdown}\n\n${text.slice(end)}`);
}
