/**
 * What this process is in a program that is also the program of its workers: the host, or a worker. Owns what is known of it:
 * the address that was taken from the environment, and whether the program has called `serve`. Does not own what `serve`
 * does (worker/own-program.ts).
 *
 * It is under a registered symbol: what calls `serve` and what starts workers may be two copies of this package.
 */
import type { LaunchCommand, LaunchRequest } from "./launcher.ts";

/** Where the host listens, and what shows who this worker is. */
export interface Address {
  readonly path: string;
  readonly token: string;
}

export interface Role {
  /** Of a process that was started as a worker and has not become one yet. */
  readonly address: Address | undefined;
  /** The program has called `serve`, so each process of it can be a worker. */
  readonly isServing: boolean;
  /** `serve` has made a worker of this process. */
  readonly isWorker: boolean;
}

const KEY = Symbol.for("reapool.role");
const place = globalThis as { [KEY]?: Role };
const NONE: Role = { address: undefined, isServing: false, isWorker: false };

export function role(): Role {
  return place[KEY] ?? NONE;
}

export function changeRole(change: Partial<Role>): void {
  place[KEY] = { ...role(), ...change };
}

/**
 * A program that starts itself as a worker and does not become one would start the next, without end. Such a process still
 * has its token, which a worker takes away first.
 *
 * @param token The variable of this process. @throws Error in a process that was started as a worker and is none.
 */
export function assertNoWorker(token: string | undefined): void {
  if (token === undefined && role().address === undefined) return;
  throw new Error(
    "Expected a pool to start its workers from a program, not from a process that was started as a worker and is none: its " +
      "executable seems to run this program, whatever it is told to run. Call `await serve(work)` of reapool/worker in it " +
      "before any pool is used, or name a runtime with `worker.launcher: launcher({ executable, program })`: docs/deploy.md",
  );
}

/**
 * The command line of a worker of a single executable, which runs the same program again.
 *
 * @param hasProgram Another program was asked for.
 * @throws Error where that program would be no worker, or can't be given what was asked for.
 */
export function ownCommand(
  file: string,
  { argv, execArgv }: LaunchRequest,
  hasProgram: boolean,
): LaunchCommand {
  if (hasProgram)
    throw new Error(
      "Expected `launcher({ program })` with an `executable` beside it: this is a single executable, which runs no program " +
        "but its own: docs/deploy.md",
    );
  if (!role().isServing)
    throw new Error(
      "Expected this program to be the program of its workers, too, as it is a single executable: call " +
        "`await serve(work)` of reapool/worker in it before any pool is used, or name a runtime with " +
        "`worker.launcher: launcher({ executable, program })`: docs/deploy.md",
    );
  if (execArgv !== undefined && execArgv.length > 0)
    throw new Error(
      `Expected no \`worker.execArgv\` in a single executable, which takes no flags of its runtime, received ${JSON.stringify(execArgv)}`,
    );
  return { file, args: [...argv] };
}
