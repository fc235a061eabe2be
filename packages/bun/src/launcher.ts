/** How a worker that runs in Bun is started, from a host of any runtime. */
import { fileURLToPath } from "node:url";
import { assertNoWorker, type Launcher, sibling, TOKEN_VARIABLE } from "@reapool/core";

export interface LauncherOptions {
  /** The `bun` to run. Default: the host's own when it is Bun, else the one on the PATH. */
  executable?: string | undefined;
}

export function launcher(options: LauncherOptions = {}): Launcher {
  const isHost = "Bun" in globalThis;
  return {
    name: "bun",
    command: ({ execArgv, argv }) => ({
      file: options.executable ?? (isHost ? ownExecutable() : "bun"),
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
  /^(?:--inspect|--watch|--hot|--eval|--print|--cpu-prof|--heap-prof|--filter|run$|test$|-[epF]$)/;
/** Those of them whose value may be the next argument. */
const WITH_VALUE = /^(?:--eval|--print|--filter|--(?:cpu|heap)-prof-(?:dir|name|interval)|-[epF])$/;

function inheritableFlags(flags: readonly string[]): string[] {
  const isValue = (i: number) => WITH_VALUE.test(flags[i - 1] ?? "") && !flags[i]?.startsWith("-");
  return flags.filter((flag, i) => !OWN_FLAGS.test(flag) && !isValue(i));
}
