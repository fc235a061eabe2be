/** How a worker in a runtime with Node's command line is started, from a host of any runtime. */
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assertProgram, type Launcher, OptionReader, ownCommand } from "@reapool/core";
import { inheritedFlags, inheritedVariables, type RuntimeName } from "./inherited.ts";
import { variable } from "./variable.ts";

export interface LauncherInput {
  /** Of the runtime, and of its executable on the PATH. */
  readonly name: RuntimeName;
  /** The host runs in it, too. */
  readonly isHost: boolean;
  /** The host is a single executable: program and runtime in one file. Asked only where it runs in it. */
  readonly isExecutable: () => boolean;
  /** The program of its workers. Throws where a bundle in CommonJS has no `import.meta.url`. */
  readonly program: () => URL;
}

/** @param options the adapter's `LauncherOptions`. @throws TypeError */
export function makeLauncher(input: LauncherInput, options: unknown): Launcher {
  const { name, isHost } = input;
  const read = new OptionReader("launcher.", options, ["executable", "program"]);
  const executable = read.path("executable");
  // As a text: Node takes an object with an inherited `path` for no URL.
  const given = read.file("program");
  const program = fileURLToPath((given ?? ownProgram(input.program)).href);
  return {
    name,
    command: (request) => {
      const { execArgv, argv, cwd } = request;
      const bases = basesFor(cwd);
      // Deno may ask for the permission to read a variable.
      const env = "Deno" in globalThis ? {} : { env: inheritedVariables(variable, name, bases) };
      if (isHost && (executable ?? process.execPath) === process.execPath && input.isExecutable())
        return { ...ownCommand(ownExecutable(), request, given !== undefined), ...env };
      assertProgram(existsSync(program), program, `@reapool/${name}`);
      return {
        file: executable ?? (isHost ? ownExecutable() : name),
        args: [
          ...(execArgv ?? (isHost ? inheritedFlags(process.execArgv, name, bases) : [])),
          program,
          ...argv,
        ],
        ...env,
      };
    },
  };
}

function ownProgram(find: () => URL): URL {
  try {
    return find();
  } catch {
    return new URL("worker-main.mjs", pathToFileURL(__filename));
  }
}

/** The host may change its folder later; its flags count from this one. Undefined where it is gone. */
const STARTED_IN = workingFolder();

/** Where the paths in the host's flags count from; none where the worker reads them as the host did, from the same folder. */
function basesFor(cwd: string | undefined): string[] {
  // The shell's folder is another one where the host had moved before it loaded this; or its parent had.
  const shell = Object.hasOwn(globalThis, "Deno") ? undefined : variable("PWD");
  const own = STARTED_IN === undefined ? [] : [STARTED_IN];
  const isSame = (cwd ?? workingFolder()) === STARTED_IN && (shell === undefined || shell === STARTED_IN);
  if (isSame) return [];
  return shell?.startsWith("/") ? [...own, shell] : own;
}

function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

function ownExecutable(): string {
  return existsSync(process.execPath) ? process.execPath : runningExecutable(process.execPath);
}

/** An upgrade has removed it: what this process runs can still be had, where there is a /proc. */
function runningExecutable(gone: string): string {
  const running = `/proc/${process.pid}/exe`;
  return existsSync(running) ? running : gone;
}
