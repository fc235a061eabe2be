/** The results for a terminal: a table for each workload and runtime, one column for each contender. */
import Table from "cli-table3";
import { formatFigure, unitLabel } from "./format.ts";
import type { Group } from "./groups.ts";
import { figureIn } from "./results.ts";
import type { Target } from "./targets.ts";

const STYLE = { head: [], border: [], compact: true };

export function toTables(groups: readonly Group[]): string {
  return groups.map(toTable).join("\n\n");
}

function toTable({ workload, runtime, lines, present, missing }: Group): string {
  const table = new Table({
    head: ["", ...present.map(({ name }) => name)],
    style: STYLE,
    colAligns: ["left", ...present.map(() => "right" as const)],
  });
  for (const { metric, figures, winner } of lines) {
    const cells = present.map(({ name }) => {
      const figure = figureIn(figures, name);
      return figure === undefined ? "-" : `${name === winner ? "★ " : ""}${formatFigure(figure)}`;
    });
    if (cells.some((cell) => cell !== "-")) {
      table.push([`${metric.label} ${unitLabel(metric.unit)}`.trim(), ...cells]);
    }
  }
  return [`${workload.name}, ${runtime.label}`, table.toString(), ...missing.map((line) => `  ${line}`)].join(
    "\n",
  );
}

export function toTargetTable(targets: readonly Target[]): string {
  const table = new Table({ head: ["", "runtime", "target", "measured", "reached"], style: STYLE });
  for (const { what, runtime, wanted, measured, isReached } of targets) {
    table.push([what, runtime, wanted, measured, isReached ? "yes" : "NO"]);
  }
  return table.toString();
}
