/** `pool.proxy.add(1, 2)` for `pool.run("add", [1, 2])`. */

export function createProxy(run: (name: string, args: unknown[]) => Promise<unknown>): object {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  return new Proxy(Object.freeze(Object.create(null)) as object, {
    get(_target, name) {
      // `await pool.proxy`, or returning it from an async function, asks for `then`: a proxy is no promise.
      if (typeof name === "symbol" || name === "then") return undefined;
      let method = methods.get(name);
      if (method === undefined) {
        method = (...args) => run(name, args);
        methods.set(name, method);
      }
      return method;
    },
  });
}
