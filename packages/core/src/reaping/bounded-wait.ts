/** Waiting for the guard: it may be stopped, or wait itself for a process that is stuck in the kernel. */
import type { Runtime } from "../port/runtime.ts";

const LONGEST_WAIT_MS = 3_000;

/** Resolves when `listen`'s callback is called, or after three seconds. Keeps the host alive until then. */
export function boundedWait(
  runtime: Pick<Runtime, "startTimer">,
  listen: (onDone: () => void) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const limit = runtime.startTimer(LONGEST_WAIT_MS, resolve);
    limit.ref();
    listen(() => {
      limit.cancel();
      resolve();
    });
  });
}
