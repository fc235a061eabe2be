/**
 * Loaded before a program in Node: koffi can't be found then, as where nobody has installed it. By the function that
 * `require` and `require.resolve` share: in Node 22 and 24 `registerHooks` does not see the second.
 */

/**
 * As far as it is needed here: no types know it.
 * @typedef {{ _resolveFilename(request: string, ...more: unknown[]): string }} Resolver
 */
const resolver = /** @type {Resolver} */ (/** @type {unknown} */ (require("node:module")));

const resolve = resolver._resolveFilename;

resolver._resolveFilename = (request, ...more) => {
  if (/^koffi$|^@koromix\//.test(request)) throw new Error("koffi is hidden");
  return resolve(request, ...more);
};
