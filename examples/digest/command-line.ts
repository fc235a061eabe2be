/** The command line of `npm start`: its flags, their checks and the help. Runs nothing. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { RUNTIMES, type RuntimeName } from "./runtimes.ts";

export interface Settings {
  /** Absolute. */
  readonly folder: string;
  readonly runtimes: readonly RuntimeName[];
  readonly workers: number;
  /** Milliseconds between kills; null for no kills. */
  readonly killEvery: number | null;
  readonly json: boolean;
}

const KILL_EVERY_MS = 300;
/** The installed TypeScript compiler: a few hundred real files that everybody who can run this has. */
const DEFAULT_FOLDER = fileURLToPath(new URL("./node_modules/typescript", import.meta.url));
/** With fewer than two workers, a kill would leave none. */
const DEFAULT_WORKERS = Math.max(2, availableParallelism());

/** Exit status for a wrong command line, as in shells and getopt. */
export const USAGE_STATUS = 2;

/** Answers `--help`, and ends the process with USAGE_STATUS for what it can't understand. */
export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm start --")
    .description(
      "Sends every file under a folder through a pool of worker processes, in Node, then Bun, then Deno, and " +
        `kills a worker every ${KILL_EVERY_MS} ms in the meantime. The workers compute SHA-256, line count and ` +
        "Brotli size; every digest is checked against one computed without the pool. " +
        "Then, as a second act, a host whose workers compute, ignore SIGTERM and hold a grandchild is killed in " +
        "mid-work, and what is left of it is counted.",
    )
    .argument(
      "[folder]",
      "where the files are; symbolic links in it are not followed (default: the installed TypeScript compiler)",
    )
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIMES.join(", ")}; comma separated or given again (default: all)`,
      readRuntimes,
    )
    .addOption(
      new Option("-w, --workers <count>", "worker processes of each pool")
        .argParser(readCount)
        .default(DEFAULT_WORKERS, `${DEFAULT_WORKERS}, one for each CPU and at least 2`),
    )
    .option("--no-kill", "let the workers of the job live; the second act stays")
    .option("--json", "print one JSON document instead of the table")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm start -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const options = command.opts<{ runtime?: RuntimeName[]; workers: number; kill: boolean; json?: true }>();
  const [folder] = command.args;
  return {
    // Package managers run scripts in the package's own folder; INIT_CWD is where the user is.
    folder: folder === undefined ? DEFAULT_FOLDER : resolve(process.env.INIT_CWD ?? ".", folder),
    runtimes: options.runtime ?? RUNTIMES,
    workers: options.workers,
    killEvery: options.kill ? KILL_EVERY_MS : null,
    json: options.json === true,
  };
}

function readRuntimes(text: string, before: readonly RuntimeName[] = []): RuntimeName[] {
  const names = text.split(",").map((name) => name.trim());
  const isKnown = (name: string): name is RuntimeName => RUNTIMES.some((known) => known === name);
  for (const name of names) {
    if (!isKnown(name)) throw new InvalidArgumentError(`Expected ${RUNTIMES.join(", ")} or several of them.`);
  }
  return [...new Set([...before, ...names.filter(isKnown)])];
}

function readCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("Expected a whole number from 1 on.");
  return Number(text);
}

const MORE_HELP = `
Columns:
  seconds               from the creation of the pool to the end of its close
  kills                 workers this demo has killed with SIGKILL
  restarts              workers the pool has started to replace dead ones
  tasks run again       tasks submitted again because their worker was killed
  tasks lost            tasks that never had a result
  zombies               dead children of the host process after close, by /proc
  processes left        live ones in the workers' process groups after close, by /proc
  gone after host kill  seconds from the SIGKILL of the second act's host until none of its
                        workers, their grandchild and its guard lived on, by /proc; or how many
                        stayed

Exit status:
  0    everything was right
  1    something was lost, wrong, a zombie or left over, or survived its host
  2    the command line or the folder is invalid
  130  interrupted

Examples:
  npm start
  npm start -- docs --runtime bun --workers 8
  npm start -- --runtime node,deno --no-kill
  npm start --silent -- --json > report.json`;
