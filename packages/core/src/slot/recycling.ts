/** When a worker that works is replaced all the same: pure functions over its counts. */
import type { RecycleLimits, RecycleOptions } from "../options/pool-options.ts";

/** The limits of one worker. @param random From 0 to 1, drawn anew for each. */
export function randomLimits({ tasks, age, rss, jitter }: RecycleOptions, random: number): RecycleLimits {
  const share = 1 - jitter * random;
  return { tasks: Math.max(1, Math.ceil(tasks * share)), age: age * share, rss: rss * share };
}
