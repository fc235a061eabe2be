/** Counts how often the event loop of this process turns: a blocking wait prevents that. */
import { say } from "./conversation.ts";

export interface Ticks {
  /** From now on. */
  reset(): void;
  /** How many ticks there were, and in how many ms. */
  tell(): void;
}

const TICK_MS = 10;

export function countTicks(): Ticks {
  let count = 0;
  let since = performance.now();
  const timer = setInterval(() => count++, TICK_MS);
  return {
    reset() {
      count = 0;
      since = performance.now();
    },
    tell() {
      clearInterval(timer);
      say("ticks", count);
      say("ms", Math.round(performance.now() - since));
    },
  };
}
