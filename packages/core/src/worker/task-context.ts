/**
 * What a running task may know of itself, and how that is carried to it. What is shared belongs to the process and not to
 * this module, so that two copies of the package (source and build, two versions) share it.
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

interface Shared {
  storage?: ContextStorage;
  /** The context of the task that runs, if it is the only one. */
  sole?: () => TaskContext | undefined;
  /** Somebody has loaded `task`, and may ask. */
  isWanted?: boolean;
}

const SHARED = Symbol.for("reapool.task-context");

const holder = globalThis as { [SHARED]?: Shared };
holder[SHARED] ??= {};
const shared = holder[SHARED];

/** For the worker's side, once. */
export function installContext(storage: ContextStorage, sole: () => TaskContext | undefined): void {
  shared.storage = storage;
  shared.sole = sole;
}

/** For whoever asks for it, before any task runs if possible. */
export function wantContext(): void {
  shared.isWanted = true;
}

/** A worker that has not loaded `task` need not carry contexts: each would take as long as an empty task. */
export function isContextWanted(): boolean {
  return shared.isWanted === true;
}

/** Runs the body so that `task()` finds the context in it and in all that it starts, where it is wanted. */
export function runInContext(call: { readonly context: TaskContext }, body: () => void): void {
  if (isContextWanted() && shared.storage !== undefined) shared.storage.run(call.context, body);
  else body();
}

/** A task that loads `task` only while it runs began without a context: where it runs alone, it is still known. */
export function currentContext(): TaskContext | undefined {
  return shared.storage?.getStore() ?? shared.sole?.();
}
