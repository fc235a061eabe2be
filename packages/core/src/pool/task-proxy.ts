/** `pool.proxy.add(1, 2)` for `pool.run("add", [1, 2])`. */
import { bare } from "../bare.ts";

/**
 * Read by the language and by what prints: `await`, templates, JSON.stringify, inspectors. A task of such a name is called
 * through `run`.
 */
const READ_BY_OTHERS = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  "then",
  "toJSON",
  "inspect",
  "nodeType",
  "asymmetricMatch",
  "$$typeof",
]);

const asText = () => "[object TaskProxy]";

export function createProxy(run: (name: string, args: unknown[]) => Promise<unknown>): object {
  const methods = new Map<string, (...args: unknown[]) => Promise<unknown>>();
  const handler: ProxyHandler<object> = {
    get(_target, name) {
      if (name === "toString") return asText;
      if (typeof name === "symbol" || READ_BY_OTHERS.has(name)) return undefined;
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
