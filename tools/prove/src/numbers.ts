/** Numbers of a series, and how they read. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const whole = (value: number): string => WHOLE.format(value);
export const tenths = (value: number): string => TENTHS.format(value);

/** `12 / 31`: median and worst, in whole ms. */
export const medianAndWorst = (values: readonly number[]): string =>
  `${whole(median(values))} / ${whole(Math.max(...values))}`;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
