/**
 * How long tasks run, learned from their answers: the expected run time of a task before it is sent. One record per
 * export. Decides nothing; dispatch/pick-ahead.ts does.
 */

interface RunTime {
  /** In ms, like everything here. */
  mean: number;
  /** The longest, fading with each further run. */
  longest: number;
}

/** A new run time's weight in the mean. */
const MEAN_WEIGHT = 1 / 16;
/**
 * How much of the longest run time fades with each further run. Slow on purpose: if one task in a thousand takes 50 ms,
 * the others of that name must not wait behind it.
 */
const FADING = 1 / 1024;
/** A name whose longest run was above this is not short, whatever its mean. Brief pauses of the machine stay below it. */
const STEADY_MS = 25;

export class RunTimes {
  readonly #byName = new Map<string, RunTime>();

  /** @param ms 0 when it was not measured. */
  record(name: string, ms: number): void {
    if (ms === 0) return;
    const known = this.#byName.get(name);
    if (known === undefined) {
      this.#byName.set(name, { mean: ms, longest: ms });
      return;
    }
    known.mean += (ms - known.mean) * MEAN_WEIGHT;
    known.longest = ms >= known.longest ? ms : known.longest + (ms - known.longest) * FADING;
  }

  /** In ms. Infinity when it is unknown or too uneven to rely on. */
  expected(name: string): number {
    const known = this.#byName.get(name);
    return known === undefined || known.longest > STEADY_MS ? Number.POSITIVE_INFINITY : known.mean;
  }
}
