/** The section of docs/comparison-bullmq.md that holds the table. */
import { writeSection } from "@reapool/measuring/section";

/** @throws Error if the document has no such section. */
export function writeComparison(markdown: string): void {
  writeSection({ document: "docs/comparison-bullmq.md", name: "compare" }, () => markdown);
}
