/** The option for a growing delay between attempts, of restarts and of retries. */
import { OptionReader } from "./option-reader.ts";

export interface Backoff {
  /** In ms, after the first failure. */
  readonly initial: number;
  readonly factor: number;
  /** In ms. */
  readonly max: number;
  /** The random share of the delay, 0 to 1. */
  readonly jitter: number;
}

export interface BackoffInput {
  /** The first delay, in ms. Default 100. */
  initial?: number | undefined;
  /** The factor by which each delay exceeds the last. Default 2. */
  factor?: number | undefined;
  /** The longest delay, in ms. Default 10 000, or `initial` where that is longer. */
  max?: number | undefined;
  /** The random share of a delay, 0 to 1. Default 0.2. */
  jitter?: number | undefined;
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveBackoff(name: string, input: unknown): Backoff {
  const backoff = new OptionReader(`${name}.`, input, ["initial", "factor", "max", "jitter"]);
  const initial = backoff.duration("initial", 100);
  const max = backoff.duration("max", Math.max(10_000, initial));
  if (initial > max) {
    throw new RangeError(
      `Expected \`${name}.initial\` to be at most \`${name}.max\`, received initial ${initial} and max ${max}`,
    );
  }
  return Object.freeze({
    initial,
    factor: backoff.number("factor", 1, Number.MAX_VALUE, 2),
    max,
    jitter: backoff.number("jitter", 0, 1, 0.2),
  });
}
