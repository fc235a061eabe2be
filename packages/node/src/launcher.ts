/** How a worker that runs in Node is started, from a host of any runtime. */
import type { Launcher } from "@reapool/core";
import { makeLauncher } from "@reapool/node-builtins/launcher";

export interface LauncherOptions {
  /** The `node` to run. Default: the host's own when it is Node, else the one on the PATH. */
  executable?: string | undefined;
  /**
   * The program of the workers, as an absolute path or a file URL: where a build has put the entry
   * `@reapool/node/worker-main`. Default: the one of this package.
   */
  program?: string | URL | undefined;
}

export function launcher(options?: LauncherOptions): Launcher {
  const input = {
    name: "node" as const,
    isHost: !(Object.hasOwn(globalThis, "Bun") || Object.hasOwn(globalThis, "Deno")),
    isExecutable: () => process.getBuiltinModule("node:sea").isSea(),
    program: () => new URL("./worker-main.mjs", import.meta.url), // bundlers know this shape: they copy the file
  };
  return makeLauncher(input, options);
}
