/**
 * Where a task goes and how many workers there should be: pure functions of what is counted. Starts and stops
 * nothing; supervisor.ts acts on the numbers.
 */

/** What the choice needs to know of a slot. */
export interface Seats {
  /** Takes tasks now. */
  readonly isReady: boolean;
  /** Tasks it runs. */
  readonly occupied: number;
}

/**
 * The ready slot with the fewest tasks and a free seat; undefined when there is none. Of equals the first:
 * the later ones then fall idle for long enough to leave.
 */
export function pickSlot<S extends Seats>(slots: Iterable<S>, seatsPerSlot: number): S | undefined {
  let best: S | undefined;
  for (const slot of slots) {
    if (!slot.isReady || slot.occupied >= seatsPerSlot) continue;
    if (slot.occupied === 0) return slot;
    if (best === undefined || slot.occupied < best.occupied) best = slot;
  }
  return best;
}

export interface Headcount {
  /** Tasks that wait. */
  readonly queued: number;
  /** Free seats of workers that are ready or starting. */
  readonly freeSeats: number;
  /** Workers that are ready or starting. */
  readonly staying: number;
  /** Live processes, those on their way out included. */
  readonly live: number;
}

export interface Limits {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  readonly concurrentTasksPerWorker: number;
}

/** How many workers to start now. */
export function workersToStart(count: Headcount, limits: Limits): number {
  const forTasks = Math.ceil((count.queued - count.freeSeats) / limits.concurrentTasksPerWorker);
  const forMinimum = limits.minWorkers - count.staying;
  return Math.max(0, Math.min(Math.max(forTasks, forMinimum), limits.maxWorkers - count.live));
}

/** How many more tasks would find a seat without waiting for another task's end. */
export function openSeats(count: Headcount, limits: Limits): number {
  const startable = limits.maxWorkers - count.live;
  return count.freeSeats + startable * limits.concurrentTasksPerWorker - count.queued;
}
