/** At which counts a healthy worker is recycled: pure functions. */
import type { RecycleLimits, RecycleOptions } from "../options/pool-options.ts";

/** The limits of one worker. @param random A fresh `Math.random()`. */
export function randomLimits(
  { tasks, isExact, age, rss, jitter }: RecycleOptions,
  random: number,
): RecycleLimits {
  const share = 1 - jitter * random;
  return {
    tasks: Math.max(1, isExact ? tasks : Math.ceil(tasks * share)),
    isExact,
    age: age * share,
    rss: rss * share,
  };
}
