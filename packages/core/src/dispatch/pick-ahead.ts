/**
 * Which busy worker is sent a task ahead, before it has free capacity, and how many: pure functions over counts and run
 * times (task/run-times.ts).
 */
import type { Prefetch } from "../options/pool-options.ts";
import type { SlotLoad } from "./free-slots.ts";

/** What sending ahead needs to know about a slot in addition. */
export interface Lookahead extends Omit<SlotLoad, "id"> {
  /** It will run what is sent ahead, as far as the host can tell. */
  readonly takesAhead: boolean;
  /** Tasks waiting in it. */
  readonly ahead: number;
  /** Expected run time of all tasks it has, in ms; Infinity when unknown. */
  readonly expected: number;
  /** When a task in it last ended, or when it was given one while idle. */
  readonly movedAt: number;
}

export interface Lookout {
  readonly prefetch: Prefetch;
  readonly runTimes: { expected(name: string): number };
  readonly clock: { recent(): number };
}

/** More is sent ahead to a worker that has at most this much work, in ms: it bounds what a long task among short ones delays. */
const AHEAD_MS = 1;
/** A task of a millisecond still gains from being sent ahead, and measures slightly more. In ms. */
const SHORT_MS = 2;
/** Upper bound with `"auto"`, whatever the run times: tasks of a worker that dies are taken back one by one. */
const MAX_AHEAD = 128;
/** How many workers are checked per task: a call costs no more with more workers, and each is still found soon enough. */
const LOOKED_AT = 16;
/** A worker that takes this much longer than expected is running a task that is not short. In ms. */
const MAX_DELAY_MS = 5;

/**
 * The busy slot to which a task of this name is sent ahead: the one with the least to do; undefined when none should have
 * it. With `"auto"`, only tasks known to be short are sent, and only behind tasks known to be short: so no task waits in a
 * worker much longer than it would have waited for another worker.
 *
 * @param from The index of the first slot to check.
 */
export function pickAhead<S extends Lookahead>(
  slots: readonly S[],
  isCandidate: (slot: S) => boolean,
  name: string,
  { prefetch, runTimes, clock }: Lookout,
  from = 0,
): S | undefined {
  if (prefetch === 0 || (prefetch === "auto" && runTimes.expected(name) > SHORT_MS)) return undefined;
  let best: S | undefined;
  for (let i = 0; i < Math.min(slots.length, LOOKED_AT); i++) {
    const slot = slots[(from + i) % slots.length] as S;
    const hasRoom = prefetch === "auto" ? isShortWait(slot) : slot.ahead < prefetch;
    if (!hasRoom || slot.occupied === 0 || !slot.takesAhead || !isCandidate(slot)) continue;
    if (best === undefined || hasLess(slot, best, prefetch)) best = slot;
  }
  if (best === undefined || prefetch !== "auto") return best;
  return clock.recent() - best.movedAt > best.expected + MAX_DELAY_MS ? undefined : best;
}

function isShortWait({ ahead, expected }: Lookahead): boolean {
  return expected <= (ahead === 0 ? SHORT_MS : AHEAD_MS) && ahead < MAX_AHEAD;
}

function hasLess(slot: Lookahead, best: Lookahead, prefetch: Prefetch): boolean {
  if (prefetch === "auto" && slot.expected !== best.expected) return slot.expected < best.expected;
  return slot.ahead < best.ahead;
}
