/** The table of behaviours in docs/guarantees.md names tests that exist. Runs none of them. */
import { readFileSync } from "node:fs";
import { contractCases } from "@reapool/core/testing";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

const section =
  read("docs/guarantees.md")
    .split(/^# /m)
    .find((part) => part.startsWith("Behaviours\n")) ?? "";

/** Rows of the tables: what is promised, and the cell that names who holds it. */
const rows = [...section.matchAll(/^\| (.+?) \| (`.+`) \|$/gm)].map(
  ([, behaviour, cell]) => [behaviour as string, cell as string] as const,
);

describe("the table of behaviours", () => {
  it("is there, each row with a test", () => {
    const lines = section.split("\n").filter((line) => line.startsWith("| "));
    const heads = lines.filter((line) => /^\| (behaviour|:--)/.test(line));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.length).toBe(lines.length - heads.length);
  });

  it.each(rows)("%s", (_behaviour, cell) => {
    const names = contractCases.map(({ name }) => name);
    for (const [, name, title] of cell.matchAll(/`([^`]+)`(?: › `([^`]+)`)?/g)) {
      if (title === undefined) expect(names).toContain(name);
      else expect(read(name as string)).toContain(title);
    }
  });
});

describe("a case of the contract", () => {
  it("has a name of its own", () => {
    const names = contractCases.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});
