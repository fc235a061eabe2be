/**
 * The threads of a process (`node:worker_threads`), for runtimes that leave a thread's processes uncollected when it ends.
 * Mechanism only; host/thread-end.ts and host/thread-remains.ts decide what is done.
 */

export interface Threads {
  /** This is the main thread. */
  readonly isMain: boolean;
  /** The folder that /proc has of this thread for as long as it lives; undefined where that can't be known. */
  readonly folder: string | undefined;
  /**
   * Calls back in the last moment of this thread, which is not the main one: what its loop would bring, it does not bring
   * any more. A thread that is terminated from outside does not call.
   */
  onEnd(callback: () => void): void;
  /** Does nothing for so long, and blocks this thread. */
  pause(ms: number): void;
  /** Tells all other threads of this process that hear. Never throws. */
  tell(message: unknown): void;
  /** Calls back with what the other threads tell. In the main thread it begins with the first thread that this one starts. Keeps nothing alive. */
  hear(callback: (message: unknown) => void): void;
}
