/** Pure: evaluates pairs. Ratios of after to before, one pair at a time, and their table. */
import { median } from "@reapool/measuring/numbers";
import { formatNumber } from "../format.ts";
import type { Measured } from "../workloads/workload.ts";

/** Two measurements of the same thing, one right after the other. */
export interface Pair {
  readonly label: string;
  readonly inFlight: number;
  readonly round: number;
  readonly before: Measured;
  readonly after: Measured;
}

interface Comparison {
  /** The ratios of after to before, of the pairs. */
  readonly ratio: { readonly median: number; readonly least: number; readonly most: number };
  /** Medians. */
  readonly before: number;
  readonly after: number;
}

export interface Line {
  readonly label: string;
  readonly inFlight: number;
  readonly phase: "cold" | "warm";
  readonly pairs: number;
  /** Calls per second. */
  readonly rate: Comparison;
  /** The host's CPU time for a call, in µs. */
  readonly cpu: Comparison;
}

/** In the order of first appearance. */
export function linesOf(pairs: readonly Pair[]): Line[] {
  const groups = Map.groupBy(pairs, ({ label, inFlight }) => `${label} ${inFlight}`);
  return [...groups.values()].flatMap((group) => {
    const [{ label, inFlight } = { label: "", inFlight: 0 }] = group;
    return (["cold", "warm"] as const).map((phase) => ({
      label,
      inFlight,
      phase,
      pairs: group.length,
      rate: compare(group, `${phase} rate`),
      cpu: compare(group, `${phase} cpu`),
    }));
  });
}

function compare(pairs: readonly Pair[], key: string): Comparison {
  const before = pairs.map((pair) => numberIn(pair.before, key));
  const after = pairs.map((pair) => numberIn(pair.after, key));
  const ratios = after.map((value, i) => value / (before[i] ?? Number.NaN));
  return {
    ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
    before: median(before),
    after: median(after),
  };
}

function numberIn(measured: Measured, key: string): number {
  const value = measured[key];
  return typeof value === "number" ? value : Number.NaN;
}

export const HEAD = [
  "",
  "in flight",
  "",
  "pairs",
  "calls/s: after / before",
  "before",
  "after",
  "host CPU: after / before",
  "before (µs)",
  "after (µs)",
];

export function toCells({ label, inFlight, phase, pairs, rate, cpu }: Line): string[] {
  return [label, String(inFlight), phase, String(pairs), ...cellsOf(rate), ...cellsOf(cpu)];
}

function cellsOf({ ratio, before, after }: Comparison): string[] {
  const [middle, least, most] = [ratio.median, ratio.least, ratio.most].map((value) => value.toFixed(2));
  return [`${middle} (${least} to ${most})`, formatNumber(before), formatNumber(after)];
}
