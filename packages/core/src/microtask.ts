/**
 * A microtask without `queueMicrotask`, which a test may have replaced with a fake that waits to be advanced. What it
 * costs does not differ by more than noise.
 */

/** By syntax, not from the global Promise. */
const settled = (async () => {})();

/** Calls back in a microtask of its own. */
export function inMicrotask(callback: () => void): void {
  void settled.then(callback);
}
