/**
 * docs/performance.md, whose tables are those of the last whole run: each stands between comments that name it, and what
 * stands there is replaced. Owns the marks; markdown.ts makes the tables, and the words between them are written by hand.
 */
import { readFileSync, writeFileSync } from "node:fs";

export const PAGE = new URL("../../docs/performance.md", import.meta.url);

const MARKED = /<!-- bench: (.+?) -->\n[\s\S]*?<!-- \/bench -->/g;

/** @throws Error when the page names a table that the results do not have. */
export function updatePage(file: URL, tables: ReadonlyMap<string, string>): void {
  const page = readFileSync(file, "utf8").replace(MARKED, (_, name: string) => {
    const table = tables.get(name);
    if (table === undefined)
      throw new Error(`Expected the results to have a table for \`bench: ${name}\`, received none`);
    return `<!-- bench: ${name} -->\n\n${table}\n\n<!-- /bench -->`;
  });
  writeFileSync(file, page);
}
