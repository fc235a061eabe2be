/** What came of a run: counted from what the tasks have written down, and only where said so from the queue. PURE. */
import type { Run } from "./ledger.ts";

export interface HostDeath {
  readonly host: string;
  /** In ms since 1970: no earlier than its last sign of life. */
  readonly at: number;
}

export interface WorkerKill {
  readonly pid: number;
  readonly at: number;
}

export interface Facts {
  readonly jobs: number;
  readonly runs: readonly Run[];
  readonly hostDeaths: readonly HostDeath[];
  /** Each ends the run that its process had under way. */
  readonly workerKills: readonly WorkerKill[];
  /** The jobs that the queue has as completed. */
  readonly completed: readonly string[];
}

export interface Tally {
  readonly jobs: number;
  /** Completed for the queue, and finished by a task at least once. */
  readonly done: number;
  /** Jobs whose task has begun more than once, or has ended more than once. */
  readonly startedTwice: number;
  readonly finishedTwice: number;
  /** Jobs that are not done. */
  readonly lost: number;
  /** Jobs of which two processes ran a task at the same time, as far as their own notes say. */
  readonly overlapped: number;
  /** Jobs that were under way on a host when it was killed. */
  readonly interrupted: number;
  /** From a host's death until the last of its jobs had begun again, in ms; undefined where none was under way. */
  readonly longestPause: number | undefined;
}

export function tallyOf({ jobs, runs, hostDeaths, workerKills, completed }: Facts): Tally {
  const ofJob = Map.groupBy(runs, ({ job }) => job);
  const count = (has: (runs: readonly Run[]) => boolean) => [...ofJob.values()].filter(has).length;
  const finishes = (of: readonly Run[]) => of.filter(({ finishedAt }) => finishedAt !== undefined).length;
  const done = new Set(completed.filter((job) => finishes(ofJob.get(job) ?? []) > 0)).size;
  const killedAt = new Map(workerKills.map(({ pid, at }) => [pid, at]));
  const pauses = hostDeaths.flatMap((death) => pausesAfter(death, runs, killedAt));
  return {
    jobs,
    done,
    startedTwice: count((of) => of.length > 1),
    finishedTwice: count((of) => finishes(of) > 1),
    lost: jobs - done,
    overlapped: count(hasOverlap),
    interrupted: pauses.length,
    longestPause: pauses.length === 0 ? undefined : Math.max(...pauses),
  };
}

/** For each job that was under way there; of one that never began again, none. */
function pausesAfter(
  { host, at }: HostDeath,
  runs: readonly Run[],
  killedAt: ReadonlyMap<number, number>,
): number[] {
  const isUnderWay = ({ startedAt, finishedAt = Infinity, pid }: Run) =>
    startedAt <= at && finishedAt > at && (killedAt.get(pid) ?? Infinity) > at;
  return runs
    .filter((run) => run.host === host && isUnderWay(run))
    .map((run) => runs.find(({ job, startedAt }) => job === run.job && startedAt > at))
    .filter((again) => again !== undefined)
    .map(({ startedAt }) => startedAt - at);
}

/** A run that has not ended may have been killed at once, so that only one that has ended can be said to overlap another. */
function hasOverlap(runs: readonly Run[]): boolean {
  return runs.some(({ startedAt, finishedAt = startedAt }, i) =>
    runs.some((other, j) => i !== j && other.startedAt >= startedAt && other.startedAt < finishedAt),
  );
}
