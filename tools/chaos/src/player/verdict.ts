/**
 * Whether an error that is not the task's own may come, by what has happened: an abort, a limit, the pool's end, a death.
 * PURE. What a call gives where nothing happens is model.ts.
 */
import type { Trace } from "./journal.ts";

/** What there was to disturb a call. */
export interface Facts {
  /** As text. */
  readonly abortReason: string;
  readonly wasAborted: boolean;
  readonly timeout: number | undefined;
  readonly queueTimeout: number | undefined;
  readonly retries: number;
  /** When it was made and when it settled, by the clock of the journal. */
  readonly madeAt: number;
  readonly settledAt: number;
  /** It is any number of calls, and it may be any of them that the error is of. */
  readonly isMany: boolean;
  /** Several items are one call: the limits of time hold for all of them together. */
  readonly isChunked: boolean;
  /** Its worker runs several tasks at a time: what another computes keeps its answer, and counts as its time. */
  readonly overlaps: boolean;
  /** It has begun before its first line: shared memory is mapped for it, or it is a generator that nobody has pulled. */
  readonly beginsUnseen: boolean;
  readonly maxQueue: number | undefined;
  /** Calls of its pool that had not settled when it was made. */
  readonly before: number;
  /** Its pool takes no more calls, and it was one more. */
  readonly wasRefused: boolean;
  /** Its pool was told not to wait for it. */
  readonly wasCutShort: boolean;
  /** Something ends workers in this program. */
  readonly isDeadly: boolean;
  /** Something keeps workers from starting, or ends them before they are of use. */
  readonly isBarren: boolean;
  /** So often that it is a crash loop. */
  readonly isLooping: boolean;
  /** Of the journal, where one is kept: of the call, or of all items of one. */
  readonly traces: readonly Trace[] | undefined;
}

/** Timers and clocks are whole milliseconds in places. */
const CLOCK_ERROR_MS = 2;
/** What began or ended so shortly before the call was given up may not have been heard of: a process waits for its turn, too. */
const UNHEARD_MS = 50;
/**
 * Between the last line of a task and its answer its process may have to wait for its turn, if it has not gone on since; and
 * before its first line, if that was the next.
 */
const UNANSWERED_MS = 500;

/** @param error as text. */
export function isExcused(error: string, facts: Facts): boolean {
  const { timeout, queueTimeout, maxQueue, traces } = facts;
  if (error === facts.abortReason) return facts.wasAborted;
  switch (error) {
    case "ERR_TASK_TIMEOUT":
      return (
        timeout !== undefined &&
        (traces === undefined ||
          mayHaveBegunUnseen(facts) ||
          traces.some((trace) => isLate(trace, timeout, facts)))
      );
    case "ERR_QUEUE_TIMEOUT":
      if (queueTimeout === undefined || facts.settledAt - facts.madeAt < queueTimeout - CLOCK_ERROR_MS)
        return false;
      return facts.retries > 0 || mayBeUnstarted(facts);
    case "ERR_QUEUE_FULL":
      return maxQueue !== undefined && facts.before >= maxQueue && mayBeUnstarted(facts);
    case "ERR_POOL_CLOSED":
      return facts.wasCutShort || (facts.wasRefused && mayBeUnstarted(facts));
    case "ERR_WORKER_EXIT":
      return (
        facts.isDeadly &&
        (traces === undefined || mayHaveBegunUnseen(facts) || traces.some((trace) => mayBeLost(trace, facts)))
      );
    case "ERR_WORKER_START":
      return facts.isBarren && (facts.retries > 0 || mayBeUnstarted(facts));
    case "ERR_CRASH_LOOP":
      return facts.isLooping && (facts.retries > 0 || mayBeUnstarted(facts));
    default:
      return false;
  }
}

const mayBeUnstarted = ({ traces, isMany }: Facts): boolean =>
  traces === undefined || isMany || traces.every(({ starts }) => starts.length === 0);

/** As far as its own lines tell, they came too late or not at all: what it did before them took the time. */
const mayHaveBegunUnseen = ({ beginsUnseen }: Facts): boolean => beginsUnseen;

/** It had run that long when it was given up, or its end came too late for that. */
function isLate({ starts, ends }: Trace, timeout: number, facts: Facts): boolean {
  const { settledAt, isChunked, overlaps } = facts;
  if (isChunked) return starts.length > 0;
  return starts.some((start, i) => {
    const at = Math.max(start.precededAt ?? start.at, start.at - UNANSWERED_MS);
    const { at: endedAt = Number.POSITIVE_INFINITY, followedAt = endedAt + UNANSWERED_MS } = ends[i] ?? {};
    const answeredAt = overlaps ? Math.min(followedAt, endedAt + UNANSWERED_MS) : endedAt;
    if (followedAt <= settledAt - UNHEARD_MS) return answeredAt - at >= timeout - CLOCK_ERROR_MS;
    return settledAt - at >= timeout - UNHEARD_MS;
  });
}

/**
 * It was running when its process died. A process that is killed may have left its line and no answer, but not once
 * it had begun something else.
 */
function mayBeLost({ starts, ends, lastEnds }: Trace, { isChunked }: Facts): boolean {
  if (isChunked) return starts.length > 0; // its items are answered together, and it may have died between two of them
  return starts.length > 0 && (ends.length < starts.length || lastEnds.length > 0);
}
