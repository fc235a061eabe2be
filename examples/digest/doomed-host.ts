/**
 * The host of the second act: brings its workers into the states in which a killed host would leave them behind,
 * reports that, and waits for its own SIGKILL. It counts and cleans up nothing, because that would prove nothing.
 */
import { createPool } from "reapool";
import { send } from "./conversation.ts";
import type * as Work from "./stubborn-work.ts";

/**
 * On an interrupt it is not killed, and stops its pool itself; a worker that ignores SIGTERM gets SIGKILL after this.
 */
const KILL_MS = 500;

/** Rejects unless the host is killed, or told to stop. */
export async function awaitDoom(stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  const pool = createPool<typeof Work>(new URL("./stubborn-work.ts", import.meta.url), {
    maxWorkers: 3,
    killTimeout: KILL_MS,
    worker: { stdout: "capture" },
  });
  try {
    const stopped = new Promise<void>((resolve) => {
      stop.addEventListener("abort", () => resolve(), { once: true });
    });
    const tasks = [pool.proxy.compute(), pool.proxy.ignoreSigterm(), pool.proxy.holdGrandchild()];
    let underWay = 0;
    pool.on("stdout", () => {
      underWay++;
      if (underWay === tasks.length) send({ type: "at work" });
    });
    await Promise.race([stopped, ...tasks]);
    stop.throwIfAborted();
    throw new Error("Expected to be killed while every worker is at work, but a task has ended");
  } finally {
    await pool.terminate();
  }
}
