/**
 * The end of a thread that is not the main one, with processes left: nobody would collect them until the whole process ends.
 * Kills their groups and collects them, in the thread's last moment, and then lets the guard end what they have left. Owns the
 * order and how long that may take; what can't be ended in time is left to the guard. A thread that is terminated has no last
 * moment: thread-remains.ts. Nor does this one collect where the main thread will: when it is terminated in its last moment, as by a
 * program that has its result, a call to libc through koffi would abort the whole process.
 */
import type { Runtime, WorkerProcess } from "../port/runtime.ts";
import { GuardWord } from "../reaping/guard-script.ts";
import { collect } from "../reaping/waitid.ts";
import { willBeCollected } from "./thread-remains.ts";

/** The thread is held up for so long at most, in ms: a killed process takes a moment, one in the kernel may take for ever. */
const LONGEST_MS = 400;
const LOOK_AGAIN_MS = 1;

/** @param guard Ends last, by itself: it may still have to look for what has left a group. */
export function endWithThread(
  runtime: Pick<Runtime, "threads" | "openLibc" | "now">,
  processes: ReadonlyMap<number, WorkerProcess>,
  guard: number | undefined,
): void {
  const { threads } = runtime;
  if (threads === undefined || processes.size === 0) return;
  const libc = willBeCollected() ? "the main thread collects" : runtime.openLibc();
  const deadline = runtime.now() + LONGEST_MS;
  const left = new Map(processes);
  const hasEnded = (pid: number): boolean => {
    // Again each time: it may just have started another process.
    const sent = pid === guard ? false : left.get(pid)?.signal("SIGKILL");
    if (typeof libc !== "string" && !collect(libc, pid)) return false;
    return sent === false;
  };
  const endAll = (pids: readonly number[]): boolean => {
    for (;;) {
      for (const pid of pids) if (left.has(pid) && hasEnded(pid)) left.delete(pid);
      if (pids.every((pid) => !left.has(pid))) return true;
      if (typeof libc === "string" || runtime.now() > deadline) return false;
      threads.pause(LOOK_AGAIN_MS);
    }
  };
  const isDone = endAll([...left.keys()].filter((pid) => pid !== guard));
  if (guard === undefined) return;
  left.get(guard)?.write?.(new TextEncoder().encode(`${GuardWord.End}\n`));
  if (isDone) endAll([guard]);
}
