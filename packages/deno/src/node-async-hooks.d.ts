/** The one module of Node's that the Deno adapter uses: Deno has no other name for it. */
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    run<R>(store: T, body: () => R): R;
    getStore(): T | undefined;
  }
}
