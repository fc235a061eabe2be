/** Which worker takes the next task: a pure function of what is counted. */
import type { Limits } from "../supervision/plan.ts";

/** What the choice needs to know of a slot. */
export interface Seats {
  /** Takes tasks now. */
  readonly isReady: boolean;
  /** Ready or starting: not on its way out. */
  readonly isStaying: boolean;
  /** Tasks it runs. */
  readonly occupied: number;
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
