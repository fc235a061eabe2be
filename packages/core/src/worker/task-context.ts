/**
 * What a running task may know of itself. The store belongs to the process and not to this module, so that
 * two copies of the package (source and build, two versions) share it.
 */

export interface TaskContext {
  /** Aborts when the caller gave up or the task's `timeout` is over. Stop soon: a worker that does not is killed. */
  readonly signal: AbortSignal;
  /** The number of this task in this worker, from 1. */
  readonly id: number;
  /** The worker's id, from 1 to `maxWorkers`. */
  readonly workerId: number;
  /**
   * Sends a value to the `onProgress` of this task's caller, in order and before the result; nothing where nobody
   * listens, or once the task is over.
   *
   * @throws SerializationError when the value can't cross.
   */
  emit(value: unknown): void;
}

/** Carries a context through awaits: `AsyncLocalStorage`, which each runtime has under another roof. */
export interface ContextStorage {
  run<T>(context: TaskContext, body: () => T): T;
  getStore(): TaskContext | undefined;
}

const STORAGE = Symbol.for("reapool.task-context");

type Holder = { [STORAGE]?: ContextStorage };

export function installContextStorage(storage: ContextStorage): void {
  (globalThis as Holder)[STORAGE] = storage;
}

/**
 * The task that runs.
 *
 * @throws Error outside of a task.
 */
export function task(): TaskContext {
  const context = (globalThis as Holder)[STORAGE]?.getStore();
  if (context === undefined) {
    throw new Error(
      "Expected task() to be called while a task runs: inside an exported function of a worker module",
    );
  }
  return context;
}
