/**
 * How a worker in some runtime is started. A launcher is plain data and pure decisions, usable from any host: a Node
 * host can run Deno workers. It starts nothing itself; the runtime's `spawn` does.
 */

export interface Launcher {
  /** The runtime its workers run in, for example `"node"`. */
  readonly name: string;
  /** The command line of one worker. */
  command(request: LaunchRequest): LaunchCommand;
}

export interface LaunchRequest {
  /** The worker module, as an absolute URL. */
  readonly module: string;
  /** The folder of the host's socket: the worker keeps its journal there. */
  readonly folder: string;
  /** The path of the host's socket. */
  readonly socket: string;
  /** Flags for the runtime, before its script: the `worker.execArgv` option; undefined when not given. */
  readonly execArgv: readonly string[] | undefined;
  /** Arguments for the worker module: the `worker.argv` option. */
  readonly argv: readonly string[];
  /** The worker's working folder: the `worker.cwd` option; undefined means the host's. */
  readonly cwd: string | undefined;
}

export interface LaunchCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Where the host's own environment does not suit; undefined removes a variable. `worker.env` goes over it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * The variables that tell a worker where to connect, and authenticate it. The worker removes them before user code
 * runs.
 */
export const SOCKET_VARIABLE = "REAPOOL_SOCKET";
export const TOKEN_VARIABLE = "REAPOOL_TOKEN";

/** @throws Error where the worker program is missing, with what brings it there. @param adapter the name of its package */
export function assertProgram(isThere: boolean, path: string, adapter: string): void {
  if (isThere) return;
  throw new Error(
    `Expected the program of the workers at ${path}, found none; if the application was bundled, mark reapool ` +
      `and ${adapter} as external, or add the entry "reapool/worker-main" ("${adapter}/worker-main") and ` +
      "name its output with `worker.launcher: launcher({ program })`: docs/deploy.md",
  );
}
