/** How a figure reads: three digits that mean something. */
import type { Unit } from "./workloads/workload.ts";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const digits = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

export function formatNumber(value: number): string {
  return Math.abs(value) >= 100 ? whole.format(value) : digits.format(value);
}

/** `count` needs no unit. */
export const unitLabel = (unit: Unit): string => (unit === "count" ? "" : unit);
