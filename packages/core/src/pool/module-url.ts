/** The worker module as an absolute URL: a worker has its own working directory, so a relative path can't be resolved there. */

/** @throws TypeError for anything but a URL, the text of one, or an absolute path. */
export function resolveModule(module: unknown): string {
  if (module instanceof URL) return module.href;
  if (typeof module === "string") {
    if (module.startsWith("/")) return pathToUrl(module);
    if (URL.canParse(module)) return new URL(module).href;
  }
  const received =
    typeof module === "string" ? JSON.stringify(module) : module === null ? "null" : typeof module;
  throw new TypeError(
    `Expected the worker module as a URL or an absolute path, received ${received}; ` +
      'write new URL("./work.ts", import.meta.url)',
  );
}

function pathToUrl(path: string): string {
  return new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}`).href;
}
