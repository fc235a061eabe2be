/** The one module of Node's that the Deno adapter uses: Deno has no other name for it. */
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    static bind<F extends (...args: never[]) => unknown>(callback: F): F;
    run<R>(store: T, body: () => R): R;
    getStore(): T | undefined;
  }
}
