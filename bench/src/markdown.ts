/** The results as Markdown: the machine, the targets, every line with its winner. */
import { markdownTable } from "markdown-table";
import { formatFigure, unitLabel } from "./format.ts";
import type { Group } from "./groups.ts";
import { figureIn, type Results } from "./results.ts";
import type { Target } from "./targets.ts";

export interface Told {
  readonly results: Results;
  readonly groups: readonly Group[];
  readonly targets: readonly Target[];
  readonly behind: readonly string[];
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
      ...(settings.quick ? ["**Quick**: shorter and with fewer sizes; not to be told"] : []),
      ...(settings.source ? ["**From source**: starts are not to be compared"] : []),
      ...(settings.filter === undefined ? [] : [`Only what matches \`${settings.filter}\``]),
    ]
      .map((line) => `- ${line}`)
      .join("\n"),
  ];
  if (targets.length > 0) {
    const rows = targets.map(({ what, runtime, wanted, measured, isReached }) => [
      what,
      runtime,
      wanted,
      measured,
      isReached ? "yes" : "**no**",
    ]);
    parts.push(
      "## What it must reach",
      markdownTable([["", "runtime", "target", "measured", "reached"], ...rows]),
    );
  }
  if (behind.length > 0) {
    parts.push(
      "## Lines on which a peer is ahead, and how far",
      behind.map((line) => `- ${line}`).join("\n"),
    );
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
    parts.push(`**${group.runtime.label}**`, toTable(group));
    if (group.missing.length > 0) parts.push(group.missing.map((line) => `- ${line}`).join("\n"));
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
