/** How numbers read. */
import { median } from "@reapool/measuring/numbers";

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1, minimumFractionDigits: 1 });

export const whole = (value: number): string => WHOLE.format(value);
export const tenths = (value: number): string => TENTHS.format(value);

/** `12 / 31`: median and worst, in whole ms. */
export const medianAndWorst = (values: readonly number[]): string =>
  `${whole(median(values))} / ${whole(Math.max(...values))}`;
