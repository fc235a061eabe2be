/** The measurements: the rounds as they were, and their medians. Knows nothing about their presentation. */
import { median } from "@reapool/measuring/numbers";
import type { Runtime, RuntimeLabel, RuntimeName } from "@reapool/measuring/runtimes";
import type { Entry } from "./contenders/names.ts";
import type { Machine } from "./machine.ts";
import type { Report } from "./report.ts";
import type { Settings } from "./settings.ts";
import type { Metric, Workload } from "./workloads/workload.ts";

export interface Subject {
  readonly runtime: Runtime;
  readonly entry: Entry;
}

/** One process. */
export interface Round {
  readonly workload: string;
  readonly runtime: RuntimeName;
  readonly contender: string;
  readonly round: number;
  /** Its place in the round. */
  readonly place: number;
  readonly report: Report;
}

export interface Results {
  readonly when: string;
  /** How many runs were combined; left out, one. */
  readonly runs?: number;
  readonly settings: Settings;
  readonly machine: Machine;
  readonly runtimes: readonly RuntimeLabel[];
  readonly versions: Readonly<Record<string, string>>;
  /** Which contenders do not run in which runtime, and what happened. */
  readonly absent: readonly {
    readonly runtime: RuntimeName;
    readonly contender: string;
    readonly why: string;
  }[];
  readonly rounds: readonly Round[];
}

/** A figure of one contender: its rounds and their median, or why there is none. */
export type Figure =
  | { readonly median: number; readonly values: readonly number[] }
  | { readonly why: string };

function figureOf(
  { rounds, absent }: Results,
  workload: string,
  metric: string,
  runtime: RuntimeName,
  contender: string,
): Figure | undefined {
  const missing = absent.find((one) => one.runtime === runtime && one.contender === contender);
  if (missing !== undefined) return { why: missing.why };
  const own = rounds.filter(
    (round) => round.workload === workload && round.runtime === runtime && round.contender === contender,
  );
  const values: number[] = [];
  let why: string | undefined;
  for (const { report } of own) {
    const value = report.measured[metric];
    if (typeof value === "number") values.push(value);
    else why ??= value?.skipped ?? report.failure;
  }
  if (values.length > 0) return { median: median(values), values };
  return why === undefined ? undefined : { why };
}

/** What a contender has measured, if anything. */
export function figureIn(
  figures: ReadonlyMap<string, Figure>,
  name: string,
): Extract<Figure, { values: readonly number[] }> | undefined {
  const figure = figures.get(name);
  return figure !== undefined && "median" in figure ? figure : undefined;
}

export const medianOf = (figure: Figure | undefined): number | undefined =>
  figure !== undefined && "median" in figure ? figure.median : undefined;

/** Why a line has no figure for a contender. */
export const whyOf = (figure: Figure | undefined): string | undefined =>
  figure !== undefined && "why" in figure ? figure.why : undefined;

/** One line: a metric in one runtime, and each contender's figure. */
export interface Line {
  readonly workload: Workload;
  readonly metric: Metric;
  readonly runtime: RuntimeLabel;
  readonly figures: ReadonlyMap<string, Figure>;
  /** The best contender, except the floor, which is not a pool. */
  readonly winner: string | undefined;
}

export function linesOf(results: Results, workloads: readonly Workload[], entries: readonly Entry[]): Line[] {
  return workloads.flatMap((workload) =>
    workload.metrics(results.settings).flatMap((metric) =>
      results.runtimes.flatMap((runtime) => {
        if (!wasMeasured(results, workload.name, runtime.name)) return [];
        const figures = new Map<string, Figure>();
        for (const { name } of entries) {
          const figure = figureOf(results, workload.name, metric.key, runtime.name, name);
          if (figure !== undefined) figures.set(name, figure);
        }
        if (figures.size === 0) return [];
        return [{ workload, metric, runtime, figures, winner: winnerOf(metric, figures, entries) }];
      }),
    ),
  );
}

const wasMeasured = ({ rounds }: Results, workload: string, runtime: RuntimeName) =>
  rounds.some((round) => round.workload === workload && round.runtime === runtime);

function winnerOf(
  { better }: Metric,
  figures: ReadonlyMap<string, Figure>,
  entries: readonly Entry[],
): string | undefined {
  if (better === "neither") return undefined;
  let winner: { name: string; value: number } | undefined;
  for (const { name, kind } of entries) {
    const value = kind === "floor" ? undefined : medianOf(figures.get(name));
    if (value === undefined) continue;
    const isAhead =
      winner === undefined || (better === "lower" ? value < winner.value : value > winner.value);
    if (isAhead) winner = { name, value };
  }
  return winner?.name;
}
