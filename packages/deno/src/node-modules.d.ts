/** What the Deno adapter uses of Node's modules: Deno has no other name for it, or none that a fake can't reach. */
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    static bind<F extends (...args: never[]) => unknown>(callback: F): F;
    run<R>(store: T, body: () => R): R;
    getStore(): T | undefined;
    enterWith(store: T): void;
  }
  export class AsyncResource {
    constructor(type: string);
    runInAsyncScope<R>(body: () => R): R;
  }
}

declare module "node:perf_hooks" {
  export const performance: Performance;
}

declare module "node:process" {
  const process: { exit(this: void, code: number): never };
  export default process;
}

declare module "node:timers" {
  interface Timeout {
    ref(): Timeout;
    unref(): Timeout;
  }
  export function setTimeout(callback: () => void, ms: number): Timeout;
  export function clearTimeout(timer: Timeout): void;
  export function setImmediate(callback: () => void): void;
}
