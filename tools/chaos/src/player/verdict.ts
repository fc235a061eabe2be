/**
 * Whether an error that is not the task's own is allowed, given what has happened: an abort, a limit, the pool's end,
 * a death. PURE. model.ts knows what a call returns if nothing happens.
 */
import type { Trace } from "./journal.ts";

/** What could disturb a call. */
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
  /** It is any number of calls, and the error may belong to any of them. */
  readonly isMany: boolean;
  /** Several items form one call: the time limits apply to all of them together. */
  readonly isChunked: boolean;
  /** Its worker runs several tasks at a time: another task's computing delays its answer, and counts as its time. */
  readonly overlaps: boolean;
  /** It starts before its first line: shared memory is mapped for it, or it is a generator that has not been pulled. */
  readonly beginsUnseen: boolean;
  /** The host opens a file for it. */
  readonly opensFile: boolean;
  readonly maxQueue: number | undefined;
  /** Calls of its pool that had not settled when it was made. */
  readonly before: number;
  /** Its pool accepted no more calls, and this was one more. */
  readonly wasRefused: boolean;
  /** Its pool was told not to wait for it. */
  readonly wasCutShort: boolean;
  /** Something ends workers in this program. */
  readonly isDeadly: boolean;
  /** Something prevents workers from starting, or ends them before they are of use. */
  readonly isBarren: boolean;
  /** So often that it is a crash loop. */
  readonly isLooping: boolean;
  /** Of the journal, where one is kept: of the call, or of all items of one. */
  readonly traces: readonly Trace[] | undefined;
}

/** Timers and clocks use whole milliseconds in places. */
const CLOCK_ERROR_MS = 2;
/**
 * A start or end so shortly before the call was aborted may not have been seen: a process waits for its turn, too. So a
 * task with a time limit below this may be over it before its first line.
 */
const UNHEARD_MS = 50;
/**
 * Between the last line of a task and its answer, its process may have to wait for its turn, if it has not continued
 * since; and before its first line, if that was the next.
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
          (timeout < UNHEARD_MS && mayBeUnstarted(facts)) ||
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
    case "EMFILE":
      return facts.opensFile && facts.isBarren; // no descriptors were left for it
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

/** According to its own lines, they came too late or not at all: what it did before them took the time. */
const mayHaveBegunUnseen = ({ beginsUnseen }: Facts): boolean => beginsUnseen;

/** It had run that long when it was aborted, or its end came too late for that. */
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
 * It was running when its process died. A killed process may have written its line and no answer, but not once it had
 * started something else.
 */
function mayBeLost({ starts, ends, lastEnds }: Trace, { isChunked }: Facts): boolean {
  if (isChunked) return starts.length > 0; // its items are answered together, and it may have died between two of them
  return starts.length > 0 && (ends.length < starts.length || lastEnds.length > 0);
}
