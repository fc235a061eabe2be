/**
 * How many workers there should be: pure functions over counts. Starts and stops nothing; supervisor.ts acts on the
 * numbers.
 */

export interface Headcount {
  /** Waiting tasks that any worker may take. */
  readonly queued: number;
  /** Tasks that wait in a worker: no other worker can take them. */
  readonly ahead: number;
  /** Tasks that staying workers run. */
  readonly occupied: number;
  /** Workers that are ready or starting. */
  readonly staying: number;
  /** Of these, workers that are starting. */
  readonly starting: number;
  /** Of these, workers due for replacement. */
  readonly due: number;
  /** Of these, ready workers that were started to replace one that is due. */
  readonly replacements: number;
  /** Workers that retired before their replacement could be started. */
  readonly owed: number;
  /** Live processes, including those that are retiring or stopping. */
  readonly live: number;
}

export interface Limits {
  readonly minWorkers: number;
  readonly maxWorkers: number;
  /** Workers that may be busy at the same time: `maxWorkers` less the reserve. */
  readonly activeSlots: number;
  readonly concurrentTasksPerWorker: number;
}

/** The limits of a pool with these options, resized to `maxWorkers`. */
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
  /** Whether the one to start replaces a worker that is due. */
  readonly isReplacement: boolean;
  /** Surplus workers: they retire whether they are due or not. */
  readonly tooMany: number;
  /** How many of the workers that are due should retire now. */
  readonly retireDue: number;
}

/** How many workers there should be while no task waits or runs. */
export function restingWorkers({ minWorkers, maxWorkers, activeSlots }: Limits): number {
  return Math.min(activeSlots, minWorkers) + maxWorkers - activeSlots;
}

/** How many workers there should be. */
export function wantedWorkers(count: Headcount, limits: Limits): number {
  const forTasks = Math.ceil((count.queued + count.occupied) / limits.concurrentTasksPerWorker);
  const active = Math.min(limits.activeSlots, Math.max(forTasks, limits.minWorkers));
  return Math.min(limits.maxWorkers, active + limits.maxWorkers - limits.activeSlots);
}

/**
 * What to do now. A worker that is due retires when its replacement is ready, and replacements are started one at a time.
 * Where `maxWorkers` leaves no room for that, one worker at a time retires first.
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

/** How many more tasks could start without waiting for another task to end. */
export function freeCapacity(count: Headcount, limits: Limits): number {
  const reachable = Math.min(limits.activeSlots, count.staying + Math.max(0, limits.maxWorkers - count.live));
  return reachable * limits.concurrentTasksPerWorker - count.occupied - count.ahead - count.queued;
}
