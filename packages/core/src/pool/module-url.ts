/** The worker module as an absolute URL: a worker has its own working directory, so a relative path can't be resolved there. */
import { fileUrl } from "../file-url.ts";

/** @throws TypeError for anything but a URL, the text of one, or an absolute path. */
export function resolveModule(module: unknown): string {
  if (module instanceof URL) return withCommas(module);
  if (typeof module === "string") {
    if (module.startsWith("/")) return withCommas(new URL(fileUrl(module)));
    if (URL.canParse(module)) return withCommas(new URL(module));
  }
  const received =
    typeof module === "string" ? JSON.stringify(module) : module === null ? "null" : typeof module;
  throw new TypeError(
    `Expected the worker module as a URL or an absolute path, received ${received}; ` +
      'write new URL("./work.ts", import.meta.url)',
  );
}

/** Deno refuses a path with `%2C`, which names the same file as one with a comma. */
function withCommas({ protocol, href }: URL): string {
  return protocol === "file:" ? href.replace(/^[^?#]*/, (path) => path.replaceAll(/%2c/gi, ",")) : href;
}
