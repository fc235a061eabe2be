/** Lines that belong in one table: those of a workload in a runtime. */
import type { RuntimeLabel } from "@reapool/measuring/runtimes";
import type { Entry } from "./contenders/names.ts";
import { type Line, medianOf, whyOf } from "./results.ts";
import type { Workload } from "./workloads/workload.ts";

export interface Group {
  readonly workload: Workload;
  readonly runtime: RuntimeLabel;
  readonly lines: readonly Line[];
  /** The contenders with a figure in it, in the order of the output. */
  readonly present: readonly Entry[];
  /** What is missing, and why: `piscina: ended by SIGKILL`. */
  readonly missing: readonly string[];
}

export function groupLines(lines: readonly Line[], entries: readonly Entry[]): Group[] {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = `${line.workload.name} ${line.runtime.name}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(line);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { workload, runtime } = first;
    const present = entries.filter(({ name }) =>
      group.some(({ figures }) => medianOf(figures.get(name)) !== undefined),
    );
    return [{ workload, runtime, lines: group, present, missing: missingOf(group, entries) }];
  });
}

/** One entry for each reason, with the lines it applies to, unless it applies to all. */
function missingOf(lines: readonly Line[], entries: readonly Entry[]): string[] {
  return entries.flatMap(({ name }) => {
    const reasons = new Map<string, string[]>();
    for (const { metric, figures } of lines) {
      const why = whyOf(figures.get(name));
      if (why === undefined || metric.better === "neither") continue;
      const labels = reasons.get(why) ?? [];
      reasons.set(why, labels);
      labels.push(metric.label);
    }
    return Array.from(reasons, ([why, labels]) => {
      const isAll = labels.length === lines.filter(({ metric }) => metric.better !== "neither").length;
      return isAll ? `${name}: ${why}` : `${name} (${labels.join("; ")}): ${why}`;
    });
  });
}
