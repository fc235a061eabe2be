/** `pool.proxy.add(1, 2)` for `pool.run("add", [1, 2])`. */

export function createProxy(run: (name: string, args: unknown[]) => Promise<unknown>): object {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  return new Proxy(Object.freeze(Object.create(null)) as object, {
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
  });
}
