/** How Node loads the worker module: by `import()`, except for a path that this refuses. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { types } from "node:util";

/** A path with a backslash is none for `import()`; `require` takes it, for either kind of module. */
export async function importModule(url: string): Promise<object> {
  if (!/^file:.*%5c/i.test(url)) return import(url) as Promise<object>;
  const required: unknown = createRequire(import.meta.url)(fileURLToPath(url));
  return types.isModuleNamespaceObject(required) ? (required as object) : { default: required };
}
