/** The command line of `npm run bench`: its flags, their checks and the help. Runs nothing. */
import { readCount, someOf } from "@reapool/measuring/arguments";
import { RUNTIME_NAMES, type RuntimeName } from "@reapool/measuring/runtimes";
import { Command, InvalidArgumentError } from "commander";
import { ENTRIES } from "./contenders/names.ts";
import { WORKLOADS } from "./workloads/index.ts";

export interface Settings {
  readonly runtimes: readonly RuntimeName[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly filter: string | undefined;
  /** Run the packages' TypeScript instead of the build. */
  readonly source: boolean;
  readonly out: string | undefined;
  /** Go on with the run that was cut short. */
  readonly resume: boolean;
  /** Measure nothing: report these results, combined. */
  readonly again: readonly string[] | undefined;
  /** Compare two versions of this project: the one before, and the one after if it is not this one. */
  readonly paired: readonly string[] | undefined;
  /** Compare `worker.containment: "tree"` with "group". */
  readonly levels: boolean;
}

const ROUNDS = 3;

const DEFAULT_RUNTIMES: readonly RuntimeName[] = ["node24", "bun", "deno"];

const QUICK_RUNTIMES: readonly RuntimeName[] = ["node24"];

/** Exit status for a wrong command line. */
export const USAGE_STATUS = 2;

export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm run bench --")
    .description("Measures reapool, its peers and the bare socket in one run, alternating.")
    .option(
      "-f, --filter <regex>",
      'only what matches "workload contender runtime", as in "no-op.* reapool node24"; case-insensitive',
      readRegex,
    )
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIME_NAMES.join(", ")}; comma separated (default: ${DEFAULT_RUNTIMES.join(", ")}; quick: ${QUICK_RUNTIMES.join(", ")})`,
      someOf(RUNTIME_NAMES),
    )
    .option("--rounds <count>", `how many rounds to take medians of (default: ${ROUNDS})`, readCount)
    .option(
      "-q, --quick",
      "under three minutes: shorter, the common calls and sizes and the best peers, only in Node by default; with --filter, whatever matches",
    )
    .option(
      "--source",
      "run the packages' TypeScript instead of the build; start times are then not comparable",
    )
    .option(
      "-o, --out <folder>",
      "where to write results (default: bench/results, or bench/results/partial for quick or filtered runs)",
    )
    .option("--resume", "go on where a run with the same options was cut short, in the same output folder")
    .option(
      "--again <files...>",
      "measure nothing; print, write and draw the results of one results.json again, or of several with different workloads",
    )
    .option(
      "--paired <folders...>",
      "compare another built checkout of this project with this one (or with a second one), before and after: small calls, cold and warm, with and without FFI, alternating",
    )
    .option(
      "--levels",
      'compare `worker.containment` "tree" with "group", with 500 other processes: starts, replacements, deaths',
    )
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm run bench -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const options = command.opts<{
    filter?: string;
    runtime?: RuntimeName[];
    rounds?: number;
    quick?: true;
    source?: true;
    out?: string;
    resume?: true;
    again?: string[];
    paired?: string[];
    levels?: true;
  }>();
  const quick = options.quick === true;
  return {
    runtimes: options.runtime ?? (quick ? QUICK_RUNTIMES : DEFAULT_RUNTIMES),
    rounds: options.rounds ?? ROUNDS,
    quick,
    filter: options.filter,
    source: options.source === true,
    out: options.out,
    resume: options.resume === true,
    again: options.again,
    paired: options.paired,
    levels: options.levels === true,
  };
}

/** True if nothing was left out: such results may be published. */
export function isWhole({ runtimes, rounds, quick, filter, source }: Settings): boolean {
  const hasAll = DEFAULT_RUNTIMES.every((name) => runtimes.includes(name));
  return hasAll && rounds >= ROUNDS && !quick && filter === undefined && !source;
}

function readRegex(text: string): string {
  try {
    new RegExp(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const list = (lines: readonly (readonly [string, string])[]) => {
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`).join("\n");
};

const MORE_HELP = `
Workloads:
${list(WORKLOADS.map(({ name, about }) => [name, about]))}

Contenders:
${list(ENTRIES.map(({ name, kind }) => [name, kind]))}

How it measures:
  Each figure is the median of the rounds. In every round each contender runs once in every runtime, in a fresh
  process, in an order that rotates from round to round. A probe first finds the contenders that do not run in a runtime;
  the results say what happened. A process that takes too long is killed and counts as failed.

It writes:
  results.json  machine, versions, settings, the figures of every round, medians
  results.md    every line with its winner, and the targets: reached or not
  *.svg         charts, each for light and dark pages
  docs/performance.md      its tables, after a whole run without --out
  paired.md, paired.json   instead, with --paired; the default folder is then bench/results/partial

Exit status:
  0  everything that runs was measured
  1  a measurement of reapool or of the bare socket failed
  2  the command line is invalid, or its filter matches nothing`;
