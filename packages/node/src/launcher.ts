/** How a worker that runs in Node is started, from a host of any runtime. */
import { type Launcher, sibling } from "@reapool/core";
import { makeLauncher } from "@reapool/node-builtins/launcher";

export interface LauncherOptions {
  /** The `node` to run. Default: the host's own when it is Node, else the one on the PATH. */
  executable?: string | undefined;
}

export function launcher(options?: LauncherOptions): Launcher {
  const input = {
    name: "node" as const,
    isHost: !(Object.hasOwn(globalThis, "Bun") || Object.hasOwn(globalThis, "Deno")),
    program: sibling("./worker-main", import.meta.url),
  };
  return makeLauncher(input, options);
}
