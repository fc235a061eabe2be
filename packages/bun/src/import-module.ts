/** How Bun loads the worker module, and why it can't where its own words would mislead. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The path of the module that was loaded last: of the worker, as there is one. */
export let modulePath: string | undefined;

export async function importModule(url: string): Promise<object> {
  modulePath = pathOf(url);
  try {
    return await (import(
      /* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ url
    ) as Promise<object>);
  } catch (error) {
    throw unloadable(modulePath) ?? error;
  }
}

function pathOf(url: string): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined; // of another scheme
  }
}

/** Bun cuts a path at a question mark and takes a backslash for a slash, however the path is written: it finds nothing. */
function unloadable(path: string | undefined): Error | undefined {
  const character = path === undefined ? undefined : /[?\\]/.exec(path)?.[0];
  if (path === undefined || character === undefined || !existsSync(path)) return undefined;
  return new Error(
    `Bun can't load a module whose path has a \`${character}\`: rename the file or the folder, received ${JSON.stringify(path)}`,
  );
}
