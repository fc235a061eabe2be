/** The results as Markdown: the machine, the targets, every line with its winner. */
import { markdownTable } from "markdown-table";
import { formatFigure, formatNumber, unitLabel } from "./format.ts";
import type { Group } from "./groups.ts";
import { figureIn, type Results } from "./results.ts";
import type { Behind, Target } from "./targets.ts";

export interface Told {
  readonly results: Results;
  readonly groups: readonly Group[];
  readonly targets: readonly Target[];
  readonly behind: readonly Behind[];
}

/** Each table by the name under which docs/performance.md has it: a workload's, `targets`, or `behind`. */
export function tablesOf({ groups, targets, behind }: Told): ReadonlyMap<string, string> {
  const byWorkload = Map.groupBy(groups, ({ workload }) => workload.name);
  return new Map([
    ["targets", targetTable(targets)],
    ["behind", behindTable(behind)],
    ...[...byWorkload].map(([name, all]) => [name, all.flatMap(partsOf).join("\n\n")] as const),
  ]);
}

function behindTable(behind: readonly Behind[]): string {
  const rows = behind.map(({ runtime, workload, metric, peer, times }) => [
    runtime,
    workload,
    metric,
    peer,
    `${formatNumber(times)} ×`,
  ]);
  return markdownTable([["runtime", "workload", "line", "ahead", "by"], ...rows]);
}

function targetTable(targets: readonly Target[]): string {
  const rows = targets.map(({ what, runtime, wanted, measured, isReached }) => [
    what,
    runtime,
    wanted,
    measured,
    isReached ? "yes" : "**no**",
  ]);
  return markdownTable([["", "runtime", "target", "measured", "reached"], ...rows]);
}

function partsOf(group: Group): string[] {
  const { runtime, missing } = group;
  const lines = missing.map((line) => `- ${line}`).join("\n");
  return [`**${runtime.label}**`, toTable(group), ...(lines === "" ? [] : [lines])];
}

export function toMarkdown({ results, groups, targets, behind }: Told): string {
  const { machine, settings } = results;
  const parts = [
    "# Results",
    [
      `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.kernel}, load ${machine.load} when it began`,
      `${results.when.slice(0, 10)}; ${results.runtimes.map(({ label }) => label).join(", ")}`,
      Object.entries(results.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
      `Medians of ${settings.rounds} ${settings.rounds === 1 ? "round" : "rounds"}, alternating, each figure from a fresh process`,
      ...(results.runs === undefined
        ? []
        : [
            `Put together from ${results.runs} runs, one after the other; what is compared is from the same run`,
          ]),
      ...(settings.quick ? ["**Quick**: shorter, with fewer sizes; not for publication"] : []),
      ...(settings.source ? ["**From source**: starts are not to be compared"] : []),
      ...(settings.filter === undefined ? [] : [`Only what matches \`${settings.filter}\``]),
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  ];
  if (targets.length > 0) {
    parts.push("## What it must reach", targetTable(targets));
  }
  if (behind.length > 0) {
    parts.push("## Lines on which a peer is ahead", behindTable(behind));
  }
  if (results.absent.length > 0) {
    const lines = results.absent.map(({ contender, runtime, why }) => `- ${contender} in ${runtime}: ${why}`);
    parts.push("## What does not run", lines.join("\n"));
  }
  let workload = "";
  for (const group of groups) {
    if (group.workload.name !== workload) {
      workload = group.workload.name;
      parts.push(`## ${workload}`, group.workload.about);
    }
    parts.push(...partsOf(group));
  }
  return `${parts.join("\n\n")}\n`;
}

function toTable({ lines, present }: Group): string {
  const rows = lines.flatMap(({ metric, figures, winner }) => {
    const cells = present.map(({ name }) => {
      const figure = figureIn(figures, name);
      if (figure === undefined) return "–";
      return name === winner ? `**${formatFigure(figure)}**` : formatFigure(figure);
    });
    if (cells.every((cell) => cell === "–")) return [];
    const unit = unitLabel(metric.unit);
    return [[unit === "" ? metric.label : `${metric.label} (${unit})`, ...cells, winner ?? ""]];
  });
  const align = ["l", ...present.map(() => "r"), "l"];
  return markdownTable([["", ...present.map(({ name }) => name), "best"], ...rows], { align });
}
