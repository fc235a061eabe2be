/** The command line of `npm run lab`: its flags, their checks and the help. Runs nothing. */
import { Command, InvalidArgumentError } from "commander";
import type { Row } from "./row.ts";
import { ROWS } from "./rows.ts";
import { RUNTIMES, type RuntimeName } from "./runtimes.ts";

export interface Settings {
  readonly runtimes: readonly RuntimeName[];
  readonly rows: readonly Row[];
  readonly json: boolean;
}

/** Exit status for a wrong command line, as in shells and getopt. */
const USAGE_STATUS = 2;

/** Answers `--help`, and ends the process with USAGE_STATUS for what it can't understand. */
export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm run lab --")
    .description(
      "Shows how zombies and orphans arise, in Node, Bun and Deno: makes each for real, shows it as ps does, " +
        "takes the way out, and shows ps again. It ends everything it starts.",
    )
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIMES.join(", ")}; comma separated or given again (default: all)`,
      readRuntimes,
    )
    .option("-n, --row <numbers>", "which rows; comma separated or given again (default: all)", readRows)
    .option("--json", "print one JSON document to stdout; everything else goes to stderr")
    .helpOption("-h, --help", "show this help")
    .addHelpText("after", MORE_HELP)
    .allowExcessArguments(false)
    .showHelpAfterError("Try `npm run lab -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const options = command.opts<{ runtime?: RuntimeName[]; row?: Row[]; json?: true }>();
  return {
    runtimes: options.runtime ?? RUNTIMES,
    rows: options.row ?? ROWS,
    json: options.json === true,
  };
}

function readRuntimes(text: string, before: readonly RuntimeName[] = []): RuntimeName[] {
  return readChoice(text, before, RUNTIMES, (name) => name);
}

function readRows(text: string, before: readonly Row[] = []): Row[] {
  return readChoice(text, before, ROWS, ({ number }) => String(number));
}

/** Some of `all`, by what they are called. */
function readChoice<T>(
  text: string,
  before: readonly T[],
  all: readonly T[],
  call: (item: T) => string,
): T[] {
  const named = text.split(",").map((name) => {
    const item = all.find((known) => call(known) === name.trim());
    if (item === undefined) {
      throw new InvalidArgumentError(`Expected ${all.map(call).join(", ")} or several of them.`);
    }
    return item;
  });
  return [...new Set([...before, ...named])];
}

const MORE_HELP = `
Rows:
${ROWS.map(({ number, title }) => `  ${number}  ${title}`).join("\n")}

The states that ps shows (STAT):
  R  running    S  sleeping    T  stopped    Z  zombie: dead and not reaped

Exit status:
  0    each zombie and survivor was real, and each way out left none
  1    one did not appear, or a way out failed
  2    the command line is invalid
  130  interrupted

Examples:
  npm run lab
  npm run lab -- --runtime node --row 1,6
  npm run lab --silent -- --json > report.json`;
