/**
 * Finds programs of the system by name. A worker may be given a PATH of its own, so those that start it are looked for on the
 * host's, and then where they mostly are.
 */
import { UnsupportedError } from "../errors.ts";
import type { Runtime } from "../port/runtime.ts";

const USUAL: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

/**
 * Its absolute path.
 *
 * @param why What needs it: the beginning of a sentence. @throws UnsupportedError where it is not found.
 */
export function findTool(
  runtime: Pick<Runtime, "environment" | "fileAt">,
  name: string,
  why: string,
): string {
  const folders = [...(runtime.environment("PATH") ?? "").split(":"), ...USUAL];
  for (const folder of folders) {
    const path = `${folder}/${name}`;
    if (folder.startsWith("/") && runtime.fileAt(path)?.isFolder === false) return path;
  }
  throw new UnsupportedError(
    `${why} needs the program \`${name}\`, of util-linux or coreutils, which is not on the PATH`,
  );
}
