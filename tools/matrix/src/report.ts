/** The results as a table, for the terminal and for docs/deploy.md. Pure. */
import type { Runtime, RuntimeName } from "@reapool/measuring/runtimes";
import type { NamedShape } from "./shape.ts";
import type { Result } from "./start.ts";

export interface ShapeResults {
  readonly shape: NamedShape;
  readonly results: ReadonlyMap<RuntimeName, Result>;
}

const CELLS: Readonly<Record<Result["kind"], string>> = {
  passed: "✔",
  refused: "its error",
  absent: "",
  broken: "✘",
  skipped: "skipped",
};

/** Its first row names the runtimes. @param link makes a cell of the title. */
export function toRows(
  all: readonly ShapeResults[],
  runtimes: ReadonlyMap<RuntimeName, Runtime>,
  link = (title: string): string => title,
): string[][] {
  const columns = [...runtimes.values()];
  return [
    ["", ...columns.map(({ label }) => label)],
    ...all.map(({ shape, results }) => [
      link(shape.title),
      ...columns.map(({ name }) => CELLS[(results.get(name) ?? { kind: "absent" }).kind]),
    ]),
  ];
}

/** The heading of a section as the end of its address. */
export const linkToSection = (title: string): string =>
  `[${title}](#${title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-")})`;
