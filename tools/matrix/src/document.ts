/** The table in docs/deploy.md. A run of some shapes changes their rows; the others stay as they were last run. */
import { writeSection } from "@reapool/measuring/section";
import { markdownTable } from "markdown-table";

/** @param order the first cells of all rows there are. @throws Error if the document has no such section, or a table of other runtimes. */
export function writeRows(rows: readonly string[][], order: readonly string[]): void {
  writeSection({ document: "docs/deploy.md", name: "matrix" }, (old) =>
    markdownTable(mergeRows(readRows(old), rows, order)),
  );
}

function mergeRows(
  old: readonly string[][],
  [header = [], ...rows]: readonly string[][],
  order: readonly string[],
): string[][] {
  const known = new Map([...old.slice(1), ...rows].map((row) => [row[0], row]));
  const merged = order.map((title) => known.get(title)).filter((row) => row !== undefined);
  const isOfOthers = old[0] !== undefined && old[0].join() !== header.join();
  if (isOfOthers && merged.some((row) => !rows.includes(row)))
    throw new Error(`Expected the table to be of ${header.slice(1).join(", ")}: write all shapes`);
  return [header, ...merged];
}

function readRows(section: string): string[][] {
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  const isRule = (line: string) => /^[|\s-]+$/.test(line);
  return lines
    .filter((line) => !isRule(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
