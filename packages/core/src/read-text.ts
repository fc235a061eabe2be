/** Reads a small file of the kernel's as text. */
import type { Runtime } from "./port/runtime.ts";

/** Undefined when it can't be read. */
export function readText(files: Pick<Runtime, "readFile">, path: string): string | undefined {
  const bytes = files.readFile(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}
