/**
 * How many workers there should be: pure functions of what is counted. Starts and stops nothing; supervisor.ts acts on the
 * numbers.
 */

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
export function freeCapacity(count: Headcount, limits: Limits): number {
  const reachable = Math.min(limits.activeSlots, count.staying + Math.max(0, limits.maxWorkers - count.live));
  return reachable * limits.concurrentTasksPerWorker - count.occupied - count.ahead - count.queued;
}
