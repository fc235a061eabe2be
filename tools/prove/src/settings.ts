/** The command line of `npm run prove`: its flags, their checks and the help. Runs nothing. */
import { readCount, someOf } from "@reapool/measuring/arguments";
import { RUNTIME_NAMES, type RuntimeName } from "@reapool/measuring/runtimes";
import { Command, Option } from "commander";

const PARTS = ["matrix", "moments", "deaths", "idle", "orphans"] as const;
export type Part = (typeof PARTS)[number];

export interface Settings {
  readonly runtimes: readonly RuntimeName[];
  readonly parts: readonly Part[];
  readonly rounds: number;
  readonly moments: number;
  readonly deaths: number;
  readonly idleMs: number;
  readonly orphans: number;
  /** Write to docs/guarantees.md instead of stdout. */
  readonly write: boolean;
  /** Where the results go as well, for `again`. */
  readonly json: string | undefined;
  /** Measure nothing: the results of these files, of one runtime or more each. */
  readonly again: readonly string[] | undefined;
}

const FULL = { rounds: 3, moments: 60, deaths: 1_000, idleMs: 10_000, orphans: 200 };
const QUICK = { rounds: 1, moments: 6, deaths: 100, idleMs: 2_000, orphans: 50 };

/** Exit status for a wrong command line. */
const USAGE_STATUS = 2;

export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm run prove --")
    .description("Measures what reapool promises, in every runtime, and prints it as Markdown.")
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIME_NAMES.join(", ")}; comma separated (default: all)`,
      someOf(RUNTIME_NAMES),
    )
    .option(
      "-o, --only <parts>",
      `which of ${PARTS.join(", ")}; comma separated (default: all)`,
      someOf(PARTS),
    )
    .option("--rounds <count>", `deaths of a host by each cause (default: ${FULL.rounds})`, readCount)
    .option(
      "-q, --quick",
      `${QUICK.rounds} round, ${QUICK.moments} moments, ${QUICK.deaths} deaths, ${QUICK.idleMs / 1_000} s of idling, ${QUICK.orphans} orphans`,
    )
    .addOption(
      new Option(
        "-w, --write",
        "write the results into docs/guarantees.md; only complete ones, of all runtimes",
      ).conflicts(["runtime", "only"]),
    )
    .option("--json <file>", "write the results there as well")
    .option(
      "--again <files...>",
      "measure nothing; put together what was written with --json, in one runtime each, say",
    )
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm run prove -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const options = command.opts<{
    runtime?: RuntimeName[];
    only?: Part[];
    rounds?: number;
    quick?: true;
    write?: true;
    json?: string;
    again?: string[];
  }>();
  const size = options.quick ? QUICK : FULL;
  return {
    ...size,
    rounds: options.rounds ?? size.rounds,
    runtimes: options.runtime ?? RUNTIME_NAMES,
    parts: options.only ?? PARTS,
    write: options.write === true,
    json: options.json,
    again: options.again,
  };
}

const MORE_HELP = `
Parts:
  matrix   a host dies in eight ways while its workers are in six states; how long anything of it was left
  moments  hosts are killed at random moments while daemons and browser-like trees are started; what was left
  deaths   workers are killed at random; how long a zombie lasted, what happened to the calls, what leaked
  idle     what an idle pool wakes up for
  orphans  orphans among processes of the host's own, as a subreaper and as PID 1

Exit status:
  0  no promise was broken
  1  one was, or a control shows that the measurement proves nothing
  2  the command line is invalid`;
