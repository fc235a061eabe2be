/**
 * The tables in docs/performance.md, each between two comments that name it. Pure. Owns these marks; markdown.ts makes the
 * tables, and the text around them is written by hand.
 */

const MARKED = /<!-- bench: (.+?) -->\n[\s\S]*?<!-- \/bench -->/g;

/** @throws Error when the page names a table that the results do not have. */
export function fillTables(page: string, tables: ReadonlyMap<string, string>): string {
  return page.replace(MARKED, (_, name: string) => {
    const table = tables.get(name);
    if (table === undefined)
      throw new Error(`Expected the results to have a table for \`bench: ${name}\`, received none`);
    return `<!-- bench: ${name} -->\n\n${table}\n\n<!-- /bench -->`;
  });
}
