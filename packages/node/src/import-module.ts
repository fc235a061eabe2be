/** How Node loads the worker module: by `import()`, except for a path that this refuses. */
import { fileURLToPath } from "node:url";
import { isModuleNamespaceObject } from "node:util/types"; // all of node:util would load its streams

/** A path with a backslash is none for `import()`; `require` takes it, for either kind of module. */
export async function importModule(url: string): Promise<object> {
  if (!/^file:.*%5c/i.test(url))
    return import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url
    ) as Promise<object>;
  const { createRequire } = process.getBuiltinModule("node:module"); // webpack warns of an imported one, which it follows
  const path = fileURLToPath(url);
  const required: unknown = createRequire(path)(path);
  return isModuleNamespaceObject(required) ? (required as object) : { default: required };
}
