/** How a worker that runs in Node is started, from a host of any runtime. */
import { fileURLToPath } from "node:url";
import { assertNoWorker, type Launcher, sibling, TOKEN_VARIABLE } from "@reapool/core";

export interface LauncherOptions {
  /** The `node` to run. Default: the host's own when it is Node, else the one on the PATH. */
  executable?: string | undefined;
}

export function launcher(options: LauncherOptions = {}): Launcher {
  const isHost = !("Bun" in globalThis || "Deno" in globalThis);
  return {
    name: "node",
    command: ({ execArgv, argv }) => ({
      file: options.executable ?? (isHost ? ownExecutable() : "node"),
      args: [
        ...(execArgv ?? (isHost ? inheritableFlags(process.execArgv) : [])),
        fileURLToPath(sibling("./worker-main", import.meta.url)),
        ...argv,
      ],
    }),
  };
}

function ownExecutable(): string {
  assertNoWorker(process.env[TOKEN_VARIABLE]);
  return process.execPath;
}

/** Flags that say what the host runs, or where its debugger listens; a worker with them would do the same. */
const OWN_FLAGS =
  /^(?:--inspect|--debug|--watch|--test|--eval|--print|--check|--interactive|--input-type|--cpu-prof|--heap-prof|-[epci]$|-pe$)/;
/** Those of them whose value may be the next argument. */
const WITH_VALUE =
  /^(?:--eval|--print|--input-type|--watch-path|--watch-kill-signal|--inspect-port|--debug-port|--(?:cpu|heap)-prof-(?:dir|name|interval)|--test-[\w-]+|-[ep]|-pe)$/;

function inheritableFlags(flags: readonly string[]): string[] {
  const isValue = (i: number) => WITH_VALUE.test(flags[i - 1] ?? "") && !flags[i]?.startsWith("-");
  return flags.filter((flag, i) => !OWN_FLAGS.test(flag) && !isValue(i));
}
