/** The command line of `npm run matrix`: its flags, their checks and the help. Runs nothing. */
import { Command } from "commander";

export interface Settings {
  /** Names of shapes; empty means all. */
  readonly names: readonly string[];
  /** Only the shapes that say so of themselves. */
  readonly quick: boolean;
  /** Write the results into the table in docs/deploy.md. */
  readonly write: boolean;
  /** Leave the folder of what has failed. */
  readonly keep: boolean;
}

/** Exit status for a wrong command line. */
const USAGE_STATUS = 2;

/** @param known the names of all shapes. */
export function parseCommandLine(argv: readonly string[], known: readonly string[]): Settings {
  const command = new Command("npm run matrix --")
    .description(
      "Builds the projects of tests/deploy with the packed packages, moves the result to another folder, deletes the\n" +
        "project, starts it in each runtime, and prints which did what they must.",
    )
    .argument("[shapes...]", `which of ${known.join(", ")} (default: all)`)
    .option("-q, --quick", "only those that `.ci/run` runs")
    .option("-k, --keep", "leave the folder of each shape that fails, and say where it is")
    .option("-w, --write", "write the results into the table in docs/deploy.md, instead of printing them")
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm run matrix -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const unknown = command.args.find((name) => !known.includes(name));
  if (unknown !== undefined) command.error(`Expected shapes of tests/deploy, received ${unknown}`);
  const options = command.opts<{ quick?: true; write?: true; keep?: true }>();
  return {
    names: command.args,
    quick: options.quick === true,
    write: options.write === true,
    keep: options.keep === true,
  };
}

const MORE_HELP = `
A shape is skipped, with the reason, where its runtime is not installed or what it installs can't be reached.

Exit status:
  0  every shape that ran did what it must
  1  one did not
  2  the command line is invalid`;
