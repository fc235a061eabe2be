/** How a figure reads: three digits that mean something. */
import type { Unit } from "./workloads/workload.ts";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const digits = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

export function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? whole.format(value) : digits.format(value);
}

/** The median and how far the rounds are from it: half of their range. */
export function formatFigure({
  median,
  values,
}: {
  readonly median: number;
  readonly values: readonly number[];
}): string {
  if (values.length < 2 || median === 0) return formatNumber(median);
  const spread = (100 * (Math.max(...values) - Math.min(...values))) / 2 / Math.abs(median);
  return `${formatNumber(median)} ±${Math.ceil(spread)}%`;
}

/** `count` needs no unit. */
export const unitLabel = (unit: Unit): string => (unit === "count" ? "" : unit);
