/** The section of docs/deploy.md that holds the table. */
import { readFileSync, writeFileSync } from "node:fs";

const DOCUMENT = new URL("../../../docs/deploy.md", import.meta.url);
const BEGIN = "<!-- matrix:begin -->";
const END = "<!-- matrix:end -->";

/** @throws Error if the document has no such section. */
export function writeTable(table: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`Expected docs/deploy.md to have ${BEGIN} before ${END}`);
  writeFileSync(DOCUMENT, `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`);
}
