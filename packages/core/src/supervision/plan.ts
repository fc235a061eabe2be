/**
 * Where a task goes and how many workers there should be: pure functions of what is counted. Starts and stops
 * nothing; supervisor.ts acts on the numbers.
 */

/** What the choice needs to know of a slot. */
export interface Seats {
  /** Takes tasks now. */
  readonly isReady: boolean;
  /** Ready or starting: not on its way out. */
  readonly isStaying: boolean;
  /** Tasks it runs. */
  readonly occupied: number;
}

/** What sending ahead needs to know of a slot besides. */
export interface Lookahead extends Seats {
  /** It will come to what is sent ahead, as far as can be known. */
  readonly takesAhead: boolean;
  /** Tasks that wait in it. */
  readonly ahead: number;
  /** How long all it has was expected to run, in ms; Infinity where that is not known. */
  readonly expected: number;
  /** When it last ended a task, or was given one while it had none. */
  readonly movedAt: number;
}

/** Tasks sent ahead to each busy worker: so many, or as many as are short. */
export type Prefetch = number | "auto";

export interface Lookout {
  readonly prefetch: Prefetch;
  readonly clock: { now(): number };
}

/** Work that a worker may have, in ms, for more to be sent ahead to it: what a long task among short ones holds up. */
const AHEAD_MS = 1;
/** A task of a millisecond still gains from waiting where it will run, and measures somewhat over it. In ms. */
const SHORT_MS = 2;
/** With `"auto"`, whatever their run time: a worker that dies gives them back one by one. */
const MAX_AHEAD = 128;
/** A worker that is so much behind what was expected of it has met a task that is not short, in ms. */
const MAX_DELAY_MS = 5;

/**
 * The busy slot to which a task that was expected to run for `expected` ms goes before there is a seat: the one with the
 * least to do; undefined when none should have it. By `"auto"` only what is known to be short is sent, and only behind
 * what is known to be short: so no task waits in a worker much longer than it would have waited for another.
 */
export function pickAhead<S extends Lookahead>(
  slots: readonly S[],
  isCandidate: (slot: S) => boolean,
  expected: number,
  { prefetch, clock }: Lookout,
): S | undefined {
  if (prefetch === 0 || (prefetch === "auto" && expected > SHORT_MS)) return undefined;
  let best: S | undefined;
  for (const slot of slots) {
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

/**
 * The ready slot with the fewest tasks and a free seat; undefined when there is none. Of equals the one with the
 * smaller `weight`, else the first: the later ones then fall idle for long enough to leave. A slot without tasks is
 * taken only while fewer than `activeSlots` have some: the others are the reserve.
 */
export function pickSlot<S extends Seats>(
  slots: readonly S[],
  { concurrentTasksPerWorker, activeSlots }: Pick<Limits, "concurrentTasksPerWorker" | "activeSlots">,
  weight?: (slot: S) => number,
): S | undefined {
  let best: S | undefined;
  let bestBusy: S | undefined;
  let active = 0;
  for (const slot of slots) {
    if (slot.isStaying && slot.occupied > 0) active++;
    if (!slot.isReady || slot.occupied >= concurrentTasksPerWorker) continue;
    if (best === undefined || isBetter(slot, best, weight)) best = slot;
    if (slot.occupied > 0 && (bestBusy === undefined || isBetter(slot, bestBusy, weight))) bestBusy = slot;
  }
  const isReserve = best?.occupied === 0 && active >= activeSlots;
  return isReserve ? bestBusy : best;
}

function isBetter<S extends Seats>(slot: S, best: S, weight: ((slot: S) => number) | undefined): boolean {
  if (slot.occupied !== best.occupied) return slot.occupied < best.occupied;
  return weight !== undefined && weight(slot) < weight(best);
}

export interface Headcount {
  /** Tasks that wait and that any worker may take. */
  readonly queued: number;
  /** Tasks that wait in a worker: no other can do anything for them. */
  readonly ahead: number;
  /** Tasks that workers which stay have. */
  readonly occupied: number;
  /** Workers that are ready or starting. */
  readonly staying: number;
  /** Of these, those that start. */
  readonly starting: number;
  /** Of these, those that are to be replaced. */
  readonly due: number;
  /** Of these, those that were started in place of one that is due, and are ready. */
  readonly replacements: number;
  /** Workers that went before their replacement could be started. */
  readonly owed: number;
  /** Live processes, those on their way out included. */
  readonly live: number;
}

export interface Limits {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  /** Workers that may have tasks at the same time: `maxWorkers` less the reserve. */
  readonly activeSlots: number;
  readonly concurrentTasksPerWorker: number;
}

/** Of a pool with these options, resized to `maxWorkers`. */
export function limitsOf(
  {
    minWorkers,
    spares,
    concurrentTasksPerWorker,
  }: Omit<Limits, "maxWorkers" | "activeSlots"> & { readonly spares: number },
  maxWorkers: number,
): Limits {
  return {
    minWorkers: Math.min(minWorkers, maxWorkers),
    maxWorkers,
    activeSlots: maxWorkers - Math.min(spares, maxWorkers - 1),
    concurrentTasksPerWorker,
  };
}

export interface Plan {
  /** Workers to start now. */
  readonly start: number;
  /** Whether it is the replacement of one that is due. */
  readonly isReplacement: boolean;
  /** Workers too many: they retire whether they are due or not. */
  readonly tooMany: number;
  /** Workers of those that are due to retire now. */
  readonly retireDue: number;
}

/** How many workers there should be. */
export function wantedWorkers(count: Headcount, limits: Limits): number {
  const forTasks = Math.ceil((count.queued + count.occupied) / limits.concurrentTasksPerWorker);
  const active = Math.min(limits.activeSlots, Math.max(forTasks, limits.minWorkers));
  return Math.min(limits.maxWorkers, active + limits.maxWorkers - limits.activeSlots);
}

/**
 * What to do now. A worker that is due goes when its replacement is ready, and replacements are started one at a time;
 * where `maxWorkers` leaves no room for that, one worker at a time goes first.
 */
export function plan(count: Headcount, limits: Limits): Plan {
  const room = limits.maxWorkers - count.live;
  const missing = Math.max(wantedWorkers(count, limits) - count.staying, count.owed);
  const start = Math.max(0, Math.min(missing, room));
  const tooMany = Math.max(0, count.staying - limits.maxWorkers);
  const now = { start, isReplacement: false, tooMany, retireDue: 0 };
  if (count.due === 0 || start > 0 || tooMany > 0) return now;
  if (count.replacements > 0) return { ...now, retireDue: Math.min(count.due, count.replacements) };
  if (count.starting > 0) return now;
  if (room > 0) return { ...now, start: 1, isReplacement: true };
  return { ...now, retireDue: count.live === count.staying ? 1 : 0 };
}

/** How many more tasks would find a seat without waiting for another task's end. */
export function openSeats(count: Headcount, limits: Limits): number {
  const reachable = Math.min(limits.activeSlots, count.staying + Math.max(0, limits.maxWorkers - count.live));
  return reachable * limits.concurrentTasksPerWorker - count.occupied - count.ahead - count.queued;
}
