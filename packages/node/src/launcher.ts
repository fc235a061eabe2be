/** How a worker that runs in Node is started, from a host of any runtime. */
import { type Launcher, sibling } from "@reapool/core";
import { makeLauncher } from "@reapool/node-builtins/launcher";

export interface LauncherOptions {
  /** The `node` to run. Default: the host's own when it is Node, else the one on the PATH. */
  executable?: string | undefined;
}

export function launcher(options?: LauncherOptions): Launcher {
  const input = {
    name: "node",
    isHost: !("Bun" in globalThis || "Deno" in globalThis),
    program: sibling("./worker-main", import.meta.url),
    ownFlags: OWN_FLAGS,
    withValue: WITH_VALUE,
  };
  return makeLauncher(input, options);
}

const OWN_FLAGS =
  /^(?:--inspect|--debug|--watch|--test|--eval|--print|--check|--interactive|--input-type|--cpu-prof|--heap-prof|-[epci]$|-pe$)/;
const WITH_VALUE =
  /^(?:--eval|--print|--input-type|--watch-path|--watch-kill-signal|--inspect-port|--debug-port|--(?:cpu|heap)-prof-(?:dir|name|interval)|--test-[\w-]+|-[ep]|-pe)$/;
