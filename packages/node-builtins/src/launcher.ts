/** How a worker in a runtime with Node's command line is started, from a host of any runtime. */
import { fileURLToPath } from "node:url";
import { assertNoWorker, type Launcher, OptionReader, TOKEN_VARIABLE } from "@reapool/core";
import { variable } from "./variable.ts";

export interface LauncherInput {
  /** Of the runtime, and of its executable on the PATH. */
  readonly name: string;
  /** The host runs in it, too. */
  readonly isHost: boolean;
  /** The program of its workers. */
  readonly program: URL;
  /** Flags that say what the host runs, or where its debugger listens; a worker with them would do the same. */
  readonly ownFlags: RegExp;
  /** Those of them whose value may be the next argument. */
  readonly withValue: RegExp;
}

/** @param options the adapter's `LauncherOptions`. @throws TypeError */
export function makeLauncher(input: LauncherInput, options: unknown): Launcher {
  const { name, isHost, program } = input;
  const executable = new OptionReader("launcher.", options, ["executable"]).path("executable");
  return {
    name,
    command: ({ execArgv, argv }) => ({
      file: executable ?? (isHost ? ownExecutable() : name),
      args: [
        ...(execArgv ?? (isHost ? inheritableFlags(process.execArgv, input) : [])),
        fileURLToPath(program.href), // as a text: Node takes an object with an inherited `path` for no URL
        ...argv,
      ],
    }),
  };
}

function ownExecutable(): string {
  assertNoWorker(variable(TOKEN_VARIABLE));
  return process.execPath;
}

function inheritableFlags(flags: readonly string[], { ownFlags, withValue }: LauncherInput): string[] {
  const isValue = (i: number) => withValue.test(flags[i - 1] ?? "") && !flags[i]?.startsWith("-");
  return flags.filter((flag, i) => !ownFlags.test(flag) && !isValue(i));
}
