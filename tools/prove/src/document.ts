/** The section of docs/guarantees.md that holds the results. */
import { writeSection } from "@reapool/measuring/section";

/** @throws Error if the document has no such section. */
export function writeResults(markdown: string): void {
  writeSection({ document: "docs/guarantees.md", name: "prove" }, () => markdown);
}
