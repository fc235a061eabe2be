/**
 * Pure: combines runs of different workloads, or in different runtimes, into one result. Contenders that are compared
 * were measured in the same run, so no comparison spans two.
 */
import type { Results } from "./results.ts";

/** @throws Error if they can't be combined. */
export function putTogether(runs: readonly Results[]): Results {
  const [first, ...others] = runs;
  if (first === undefined) throw new Error("Expected at least one results.json");
  if (others.length === 0) return first;
  const seen = new Set<string>();
  for (const { rounds, settings, versions } of runs) {
    if (settings.quick !== first.settings.quick || settings.source !== first.settings.source) {
      throw new Error("Expected all runs to be quick, or none, and all from source, or none");
    }
    if (JSON.stringify(versions) !== JSON.stringify(first.versions)) {
      throw new Error("Expected all runs to have the same versions of all contenders");
    }
    for (const what of new Set(rounds.map(({ workload, runtime }) => `${workload} in ${runtime}`))) {
      if (seen.has(what))
        throw new Error(`Expected each workload once in each runtime, received ${what} twice`);
      seen.add(what);
    }
  }
  return {
    ...first,
    settings: {
      ...first.settings,
      filter: undefined,
      out: undefined,
      rounds: Math.min(...runs.map((run) => run.settings.rounds)),
    },
    runs: runs.length,
    runtimes: uniqueBy(
      runs.flatMap((run) => run.runtimes),
      ({ name }) => name,
    ),
    absent: uniqueBy(
      runs.flatMap((run) => run.absent),
      ({ runtime, contender }) => `${runtime} ${contender}`,
    ),
    rounds: runs.flatMap((run) => run.rounds),
  };
}

function uniqueBy<T>(list: readonly T[], keyOf: (item: T) => string): T[] {
  return [...new Map(list.map((item) => [keyOf(item), item])).values()];
}
