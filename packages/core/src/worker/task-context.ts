/**
 * What a running task can ask about itself, and how that reaches it. The state belongs to the process and not to this
 * module, so that two copies of the package (source and build, or two versions) share it.
 */

export interface TaskContext {
  /** Aborts when the caller aborts or the task's `timeout` expires. Stop soon: otherwise the worker is killed. */
  readonly signal: AbortSignal;
  /** The number of this task in this worker, from 1. */
  readonly id: number;
  /** The worker's id, from 1 to `maxWorkers`. */
  readonly workerId: number;
  /**
   * Sends a value to the `onProgress` of this task's caller, in order and before the result. Does nothing if the
   * caller does not listen, or once the task is over.
   *
   * @throws SerializationError when the value can't be sent.
   */
  emit(value: unknown): void;
}

/** Carries a context across awaits: `AsyncLocalStorage`, which each runtime exports from another place. */
export interface ContextStorage {
  run<T>(context: TaskContext, body: () => T): T;
  getStore(): TaskContext | undefined;
  /** Some code of the module has entered a context for good, so that it may be around whatever runs next. */
  readonly isEntered: boolean;
  /** Runs the body in the context in which the process started, and keeps in there what it enters. */
  runOutside<T>(body: () => T): T;
}

interface Shared {
  storage?: ContextStorage;
  /** The context of the running task, if there is only one. */
  sole?: () => TaskContext | undefined;
  /** Something has loaded `task`, and may ask. */
  isWanted?: boolean;
}

const SHARED = Symbol.for("reapool.task-context");

const holder = globalThis as { [SHARED]?: Shared };
holder[SHARED] ??= {};
const shared = holder[SHARED];

/** Called once by the worker's side. */
export function installContext(storage: ContextStorage, sole: () => TaskContext | undefined): void {
  shared.storage = storage;
  shared.sole = sole;
}

/** Called when `task` is loaded, if possible before any task runs. */
export function wantContext(): void {
  shared.isWanted = true;
}

/** A worker that has not loaded `task` need not carry contexts: each would take as long as an empty task. */
function isContextWanted(): boolean {
  return shared.isWanted === true;
}

/** Something must be done before a body may run on behalf of a call: a closure would cost the others as much. */
export function isContextNeeded(): boolean {
  return shared.isWanted === true || shared.storage?.isEntered === true;
}

/**
 * Runs the body outside of whatever context another task has entered, and so that `task()` finds its own in it and in
 * everything it starts, if contexts are wanted.
 */
export function runInContext<T>(call: { readonly context: TaskContext }, body: () => T): T {
  const { storage } = shared;
  if (storage === undefined) return body();
  if (storage.isEntered) return storage.runOutside(() => runWanted(storage, call, body));
  return runWanted(storage, call, body);
}

function runWanted<T>(storage: ContextStorage, call: { readonly context: TaskContext }, body: () => T): T {
  return isContextWanted() ? storage.run(call.context, body) : body();
}

/** Runs code of the module that belongs to no task. */
export function runOutside<T>(storage: ContextStorage, body: () => T): T {
  return storage.isEntered ? storage.runOutside(body) : body();
}

/**
 * A task that loads `task` only while it runs began without a context. If it runs alone, its context is still known.
 */
export function currentContext(): TaskContext | undefined {
  return shared.storage?.getStore() ?? shared.sole?.();
}
