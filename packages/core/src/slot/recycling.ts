/** When a worker that works is replaced all the same: pure functions over its counts. */

export interface RecycleLimits {
  /** Tasks it has finished. */
  readonly tasks: number;
  /** In ms. */
  readonly age: number;
  /** In bytes. */
  readonly rss: number;
}

export interface RecycleOptions extends RecycleLimits {
  /** The share of each limit that is drawn by lot, 0 to 1. */
  readonly jitter: number;
}

/** The limits of one worker. @param lot From 0 to 1, drawn anew for each. */
export function drawLimits({ tasks, age, rss, jitter }: RecycleOptions, lot: number): RecycleLimits {
  const share = 1 - jitter * lot;
  return { tasks: Math.max(1, Math.ceil(tasks * share)), age: age * share, rss: rss * share };
}
