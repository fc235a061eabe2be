/** How far reapool is ahead of each other contender, round by round, for a terminal. Above 1 it is ahead, whatever the unit. */
import { median } from "@reapool/measuring/numbers";
import Table from "cli-table3";
import { type Entry, OURS } from "./contenders/names.ts";
import { formatNumber } from "./format.ts";
import { figureIn, type Line } from "./results.ts";

export function toAdvantageTable(lines: readonly Line[], entries: readonly Entry[]): string {
  const others = entries.filter(
    ({ name }) => name !== OURS && lines.some(({ figures }) => figureIn(figures, name) !== undefined),
  );
  const table = new Table({
    head: ["reapool ahead of", ...others.map(({ name }) => name)],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", ...others.map(() => "right" as const)],
  });
  for (const line of lines) {
    if (line.metric.better === "neither") continue;
    const cells = others.map(({ name }) => advantage(line, name));
    table.push([`${line.workload.name}, ${line.metric.label}, ${line.runtime.label}`, ...cells]);
  }
  return table.toString();
}

/** The median of the ratios of figures of the same round, the smallest and the largest. */
function advantage({ metric, figures }: Line, other: string): string {
  const [own, theirs] = [figureIn(figures, OURS)?.values, figureIn(figures, other)?.values];
  if (own === undefined || own.length !== theirs?.length) return "-"; // a round of one of them has failed
  const ratios = own.map((value, round) => {
    const ratio = value / (theirs[round] as number);
    return metric.better === "higher" ? ratio : 1 / ratio;
  });
  const middle = `${formatNumber(median(ratios))} ×`;
  if (ratios.length < 2) return middle;
  return `${middle} (${formatNumber(Math.min(...ratios))} to ${formatNumber(Math.max(...ratios))})`;
}
