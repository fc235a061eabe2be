/**
 * What a worker knows of asynchronous contexts: the one that `task()` reads, and the one to start tasks in.
 *
 * That one costs more than a short task, so it is asked for only once somebody has entered a context for good:
 * `enterWith`, and in some runtimes `run`, which then says so without need.
 */
import type { ContextStorage, TaskContext } from "./task-context.ts";

interface Storage<T> {
  run<R>(store: T, body: () => R): R;
  getStore(): T | undefined;
  enterWith(store: T): void;
}

/** The two classes of `node:async_hooks`, which core can't import. */
export interface AsyncHooks {
  readonly AsyncLocalStorage: { new <T>(): Storage<T>; readonly prototype: Storage<unknown> };
  readonly AsyncResource: new (type: string) => { runInAsyncScope<R>(body: () => R): R };
}

/** Call before any code of the module runs: that is the context in which tasks start. */
export function contextStorageOf({ AsyncLocalStorage, AsyncResource }: AsyncHooks): ContextStorage {
  const storage = new AsyncLocalStorage<TaskContext>();
  const start = new AsyncResource("reapool");

  const { prototype } = AsyncLocalStorage;
  const { enterWith } = prototype;
  let isEntered = false;
  prototype.enterWith = function (store) {
    isEntered = true;
    enterWith.call(this, store);
  };
  storage.enterWith = enterWith; // its own `run` calls it

  return {
    run: (context, body) => storage.run(context, body),
    getStore: () => storage.getStore(),
    get isEntered() {
      return isEntered;
    },
    // A resource for each: where contexts belong to resources, as in Node 22, what a task enters stays with its own.
    runOutside: (body) => start.runInAsyncScope(() => new AsyncResource("reapool")).runInAsyncScope(body),
  };
}
