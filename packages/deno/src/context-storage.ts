/**
 * What a worker knows of asynchronous contexts: the one that `task()` reads, and the one to start tasks in.
 *
 * That one costs more than a short task, so core asks for it only once somebody has entered a context for good:
 * `enterWith`, and in some runtimes `run`, which then says so without need.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import type { ContextStorage, TaskContext } from "@reapool/core/serve";

const storage = new AsyncLocalStorage<TaskContext>();
/** As it is before any code of the module runs. */
const start = new AsyncResource("reapool");

const { enterWith } = AsyncLocalStorage.prototype;
let isEntered = false;
AsyncLocalStorage.prototype.enterWith = function (store) {
  isEntered = true;
  enterWith.call(this, store);
};
storage.enterWith = enterWith; // its own `run` calls it

export const contextStorage: ContextStorage = {
  run: (context, body) => storage.run(context, body),
  getStore: () => storage.getStore(),
  get isEntered() {
    return isEntered;
  },
  // A resource for each: where contexts belong to resources, as in Node 22, what a task enters stays with its own.
  runOutside: (body) => start.runInAsyncScope(() => new AsyncResource("reapool")).runInAsyncScope(body),
};
