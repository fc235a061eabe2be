/**
 * Decides whether a dead process is an orphan that this host has adopted, or one of its own whose exit belongs to the
 * runtime. Pure: facts in, verdict out. The kernel keeps no record of who started a process, so this function is what
 * keeps the promise that no exit code is ever stolen.
 */

export interface DeadProcess {
  readonly pid: number;
  readonly session: number;
  /** When it was first seen dead, in ms. */
  readonly seenAt: number;
}

export interface Surroundings {
  readonly hostSession: number;
  /** Processes that the pool itself has started and whose end has not been reported yet. */
  readonly own: Pick<ReadonlySet<number>, "has">;
  /** The runtime has reported all the ends of its own processes before this time, in ms. */
  readonly toldUntil: number;
  readonly now: number;
}

/** "unclear": the runtime may be about to reap it. */
export type Verdict = "adopted" | "own" | "unclear";

/**
 * Time for native code whose own thread waits for its children: on a busy machine it may not have run yet. Well below
 * the second within which an orphan must be gone. In ms.
 */
export const GRACE_MS = 250;

export function judge(dead: DeadProcess, { hostSession, own, toldUntil, now }: Surroundings): Verdict {
  if (own.has(dead.pid)) return "own";
  // A process is born into its parent's session, or leads its own: another process started this one.
  if (dead.session !== hostSession && dead.session !== dead.pid) return "adopted";
  return toldUntil >= dead.seenAt && now - dead.seenAt >= GRACE_MS ? "adopted" : "unclear";
}
