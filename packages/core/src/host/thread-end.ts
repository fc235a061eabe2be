/**
 * The end of a thread that is not the main one and still has processes, which nobody else would collect before the whole
 * process ends. In the thread's last moment it kills their groups, collects them, and lets the guard end what they have left.
 * Owns the order, and how long that may take; the guard ends what is left then. It does not collect where the main thread
 * will (thread-remains.ts): if the thread is terminated in that moment, a call to libc through koffi aborts the whole process.
 * A thread that is terminated earlier has no last moment at all.
 */
import type { Runtime, WorkerProcess } from "../port/runtime.ts";
import { GuardWord } from "../reaping/guard-script.ts";
import { collect } from "../reaping/waitid.ts";

/** The thread is held up for so long at most, in ms: a killed process takes a moment, one in the kernel may take for ever. */
const LONGEST_MS = 400;
const LOOK_AGAIN_MS = 1;

/**
 * @param guard Ends last, by itself: it may still have to look for what has left a group.
 * @param isCollected The main thread collects what this one leaves.
 */
export function endWithThread(
  runtime: Pick<Runtime, "threads" | "openLibc" | "now">,
  processes: ReadonlyMap<number, WorkerProcess>,
  guard: number | undefined,
  isCollected: boolean,
): void {
  const { threads } = runtime;
  if (threads === undefined || processes.size === 0) return;
  const opened = isCollected ? undefined : runtime.openLibc();
  const libc = typeof opened === "string" ? undefined : opened;
  const deadline = runtime.now() + LONGEST_MS;
  const left = new Map(processes);
  const hasEnded = (pid: number): boolean => {
    // Again each time: it may just have started another process.
    const sent = pid === guard ? false : left.get(pid)?.signal("SIGKILL");
    if (libc !== undefined && !collect(libc, pid)) return false;
    return sent === false;
  };
  const endAll = (pids: readonly number[]): boolean => {
    for (;;) {
      for (const pid of pids) if (left.has(pid) && hasEnded(pid)) left.delete(pid);
      if (pids.every((pid) => !left.has(pid))) return true;
      if (libc === undefined || runtime.now() > deadline) return false;
      threads.pause(LOOK_AGAIN_MS);
    }
  };
  const isDone = endAll([...left.keys()].filter((pid) => pid !== guard));
  if (guard === undefined) return;
  left.get(guard)?.write?.(new TextEncoder().encode(`${GuardWord.End}\n`));
  if (isDone) endAll([guard]);
}
