/**
 * Whether a dead process is an orphan that this host has adopted, or one of its own whose exit belongs to the
 * runtime. Pure: from what is known of it to a verdict. The kernel keeps no record of who started a process,
 * so this is where the promise is kept that no exit code is ever stolen.
 */

export interface DeadProcess {
  readonly pid: number;
  readonly session: number;
  /** Since when it has certainly been dead, in ms. */
  readonly deadSince: number;
}

export interface Surroundings {
  readonly hostSession: number;
  /** Processes the pool has started itself and not been told the end of. */
  readonly own: ReadonlySet<number>;
  readonly now: number;
}

/** "later": it may be one that the runtime is about to collect. */
export type Verdict = "adopted" | "own" | "later";

/**
 * A runtime collects what it has started within one turn of its event loop, and nothing is judged before that
 * turn has been. This is for native code with a thread of its own that waits: it may not have run yet on a
 * busy machine. Well below the second in which an orphan must be gone. In ms.
 */
export const GRACE_MS = 250;

export function judge(dead: DeadProcess, { hostSession, own, now }: Surroundings): Verdict {
  if (own.has(dead.pid)) return "own";
  // Whatever a process starts is in its session, or leads one of its own: somebody else started this.
  if (dead.session !== hostSession && dead.session !== dead.pid) return "adopted";
  return now - dead.deadSince >= GRACE_MS ? "adopted" : "later";
}
