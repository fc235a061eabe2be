/** The end of a worker: a crash, but for what is named. */
import type { Death } from "../../src/slot/death.ts";

export function death(about: Partial<Death> = {}): Death {
  return {
    workerId: 3,
    pid: 4711,
    exit: { code: 1, signal: null },
    stderr: "",
    reason: "crash",
    error: undefined,
    wasWarm: true,
    wasLate: false,
    uncaught: undefined,
    failedBroadcast: undefined,
    containment: "tree",
    ...about,
  };
}
