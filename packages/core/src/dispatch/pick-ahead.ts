/**
 * Which busy worker is sent a task before it has a seat for it, and how much is sent so: pure functions of what is counted
 * and of how long tasks run (task/run-times.ts).
 */
import type { Prefetch } from "../options/pool-options.ts";
import type { SlotLoad } from "./free-slots.ts";

/** What sending ahead needs to know of a slot besides. */
export interface Lookahead extends Omit<SlotLoad, "id"> {
  /** It will come to what is sent ahead, as far as can be known. */
  readonly takesAhead: boolean;
  /** Tasks that wait in it. */
  readonly ahead: number;
  /** How long all it has was expected to run, in ms; Infinity where that is not known. */
  readonly expected: number;
  /** When it last ended a task, or was given one while it had none. */
  readonly movedAt: number;
}

export interface Lookout {
  readonly prefetch: Prefetch;
  readonly runTimes: { expected(name: string): number };
  readonly clock: { now(): number };
}

/** Work that a worker may have, in ms, for more to be sent ahead to it: what a long task among short ones holds up. */
const AHEAD_MS = 1;
/** A task of a millisecond still gains from waiting where it will run, and measures somewhat over it. In ms. */
const SHORT_MS = 2;
/** With `"auto"`, whatever their run time: a worker that dies gives them back one by one. */
const MAX_AHEAD = 128;
/** So many workers are looked at for a task: with more of them each is found soon enough, and a call costs no more. */
const LOOKED_AT = 16;
/** A worker that is so much behind what was expected of it has met a task that is not short, in ms. */
const MAX_DELAY_MS = 5;

/**
 * The busy slot to which a task of this name goes before there is a seat: the one with the least to do; undefined when
 * none should have it. By `"auto"` only what is known to be short is sent, and only behind what is known to be short: so no
 * task waits in a worker much longer than it would have waited for another.
 *
 * @param from The index of the first slot to look at.
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
  return clock.now() - best.movedAt > best.expected + MAX_DELAY_MS ? undefined : best;
}

function isShortWait({ ahead, expected }: Lookahead): boolean {
  return expected <= (ahead === 0 ? SHORT_MS : AHEAD_MS) && ahead < MAX_AHEAD;
}

function hasLess(slot: Lookahead, best: Lookahead, prefetch: Prefetch): boolean {
  if (prefetch === "auto" && slot.expected !== best.expected) return slot.expected < best.expected;
  return slot.ahead < best.ahead;
}
