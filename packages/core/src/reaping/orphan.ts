/**
 * Whether a dead process is an orphan that this host has adopted, or one of its own whose exit belongs to the
 * runtime. Pure: from what is known of it to a verdict. The kernel keeps no record of who started a process,
 * so this is where the promise is kept that no exit code is ever stolen.
 */

export interface DeadProcess {
  readonly pid: number;
  readonly session: number;
  /** When it was first seen dead, in ms. */
  readonly seenAt: number;
}

export interface Surroundings {
  readonly hostSession: number;
  /** Processes the pool has started itself and not been told the end of. */
  readonly own: ReadonlySet<number>;
  /** The runtime has told all ends of its own processes that lie before this, in ms. */
  readonly toldUntil: number;
  readonly now: number;
}

/** "unclear": it may be one that the runtime is about to collect. */
export type Verdict = "adopted" | "own" | "unclear";

/**
 * For native code with a thread of its own that waits for what it has started: it may not have run yet on a
 * busy machine. Well below the second in which an orphan must be gone. In ms.
 */
export const GRACE_MS = 250;

export function judge(dead: DeadProcess, { hostSession, own, toldUntil, now }: Surroundings): Verdict {
  if (own.has(dead.pid)) return "own";
  // Whatever a process starts is in its session, or leads one of its own: somebody else started this.
  if (dead.session !== hostSession && dead.session !== dead.pid) return "adopted";
  return toldUntil >= dead.seenAt && now - dead.seenAt >= GRACE_MS ? "adopted" : "unclear";
}
