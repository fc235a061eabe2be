/** What `map` returns where it is taken for an array: spread, looped over without `await`, or given to `Promise.all`. */
import { bare } from "../bare.ts";

const NOT_AN_ARRAY =
  "The results of a map are iterated, not awaited: write `for await (const result of pool.map(…))`, or " +
  "`await Array.fromAsync(pool.map(…))` for an array of all of them";

export function asIterated<T extends object>(items: T): T {
  const value = () => {
    throw new TypeError(NOT_AN_ARRAY);
  };
  return Object.defineProperty(items, Symbol.iterator, bare({ value }));
}
