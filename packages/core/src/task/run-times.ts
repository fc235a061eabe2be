/**
 * How long tasks run, learned from their answers: what a task is expected to take before it is sent. One record for each
 * export's name. Decides nothing; scheduler.ts does.
 */

interface RunTime {
  /** In ms, as all of these. */
  mean: number;
  /** The longest, fading as others come. */
  longest: number;
}

/** A new run time's weight in the mean. */
const MEAN_WEIGHT = 1 / 16;
/**
 * Of the longest this much fades with each further run. Slow on purpose: of tasks of one name of which one in a thousand
 * takes 50 ms the others must not wait behind it.
 */
const FADING = 1 / 1024;
/** A name whose longest run was over this is not short, whatever the mean; a pause of the machine stays below it. */
const STEADY_MS = 25;

export class RunTimes {
  readonly #byName = new Map<string, RunTime>();

  /** @param ms 0 where it was not measured. */
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

  /** In ms. Infinity: not known, or nothing that can be relied on. */
  expected(name: string): number {
    const known = this.#byName.get(name);
    return known === undefined || known.longest > STEADY_MS ? Number.POSITIVE_INFINITY : known.mean;
  }
}
