/** `pool.proxy.add(1, 2)` for `pool.run("add", [1, 2])`. */
import { bare } from "../bare.ts";

export function createProxy(run: (name: string, args: unknown[]) => Promise<unknown>): object {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const handler: ProxyHandler<object> = {
    get(_target, name) {
      // `await` and JSON.stringify read these, and would make calls whose rejection nothing handles.
      if (typeof name === "symbol" || name === "then" || name === "toJSON") return undefined;
      let method = methods.get(name);
      if (method === undefined) {
        method = (...args) => run(name, args);
        methods.set(name, method);
      }
      return method;
    },
  };
  return new Proxy(Object.freeze(Object.create(null)) as object, bare(handler));
}
