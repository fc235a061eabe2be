/**
 * What carries the context of tasks, for all workers without a process. One for all: Node 22 copies the store of every
 * storage that was ever used into each promise that is made, so with one for each worker promises took 20 kB.
 */
import { AsyncLocalStorage } from "node:async_hooks";

export const contextStorage = new AsyncLocalStorage<never>() as never;
