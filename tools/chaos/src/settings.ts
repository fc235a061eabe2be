/** The command line of `npm run chaos`: its flags, their checks and the help. Plays nothing. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { readCount, someOf } from "@reapool/measuring/arguments";
import { RUNTIME_NAMES, type RuntimeName } from "@reapool/measuring/runtimes";
import { Command, InvalidArgumentError } from "commander";
import type { Mode, Program } from "./program.ts";

export interface Settings {
  readonly runtimes: readonly RuntimeName[];
  readonly modes: readonly Mode[];
  /** For each mode, in each runtime. */
  readonly seconds: number;
  readonly seed: number;
  /** Played instead of drawn ones. */
  readonly program: Program | undefined;
  readonly times: number;
  /** How long each failing program is shrunk. */
  readonly shrinkSeconds: number;
  /** Only breaches that recur fail. */
  readonly recurring: boolean;
  readonly packages: string | undefined;
  readonly json: boolean;
}

const SECONDS = 30;
const TIMES = 20;
const SHRINK_SECONDS = 30;

/** From how many of ten runs on a breach counts as one that recurs. */
export const OFTEN = 3;

/** Exit status for a wrong command line. */
const USAGE_STATUS = 2;

export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm run chaos --")
    .description("Plays random programs on real processes, and checks each call against a simple model.")
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIME_NAMES.join(", ")}; comma separated (default: all)`,
      someOf(RUNTIME_NAMES),
    )
    .option("-s, --seconds <count>", `for each runtime and mode (default: ${SECONDS})`, readCount)
    .option("--seed <number>", "draws the same programs again (default: random)", readCount)
    .option("--faults", "only programs in which something goes wrong")
    .option("--no-faults", "only programs in which nothing does")
    .option("-p, --program <json>", "plays this one, or the one in this file", readProgram)
    .option("--times <count>", `how often it is played (default: ${TIMES})`, readCount)
    .option(
      "--shrink <seconds>",
      `how long to shrink a program that broke something (default: ${SHRINK_SECONDS})`,
      readCount,
    )
    .option(
      "--recurring",
      `fails only if a breach recurs in ${OFTEN} of ten runs; prints the others all the same`,
    )
    .option("--packages <folder>", "uses the packages in its node_modules instead of the sources", readFolder)
    .option("--json", "prints everything as JSON")
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm run chaos -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const options = command.opts<{
    runtime?: RuntimeName[];
    seconds?: number;
    seed?: number;
    faults?: boolean;
    program?: Program;
    times?: number;
    shrink?: number;
    recurring?: true;
    packages?: string;
    json?: true;
  }>();
  const { faults } = options;
  return {
    runtimes: options.runtime ?? RUNTIME_NAMES,
    modes: faults === undefined ? ["peace", "faults"] : [faults ? "faults" : "peace"],
    seconds: options.seconds ?? SECONDS,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
    program: options.program,
    times: options.times ?? TIMES,
    shrinkSeconds: options.shrink ?? SHRINK_SECONDS,
    recurring: options.recurring === true,
    packages: options.packages,
    json: options.json === true,
  };
}

function readProgram(text: string): Program {
  try {
    return JSON.parse(existsSync(text) ? readFileSync(text, "utf8") : text) as Program;
  } catch {
    throw new InvalidArgumentError("Expected a program as JSON, or a file with one.");
  }
}

function readFolder(text: string): string {
  const folder = resolve(text);
  if (existsSync(`${folder}/node_modules/@reapool`)) return folder;
  throw new InvalidArgumentError("Expected a folder with node_modules/@reapool in it.");
}

const MORE_HELP = `
Modes:
  without faults  calls of every kind and with every option, at the same time; some thousand programs a minute:
                  most are short, are played one after another on the same pools, and count as one each
  with faults     in addition, workers, the guard and the host are killed, stopped, blocked and starved

Exit status:
  0  no promise was broken, or, with --recurring, none that way again
  1  one was; the shortest program found is printed, and how to play it again
  2  the command line is invalid`;
