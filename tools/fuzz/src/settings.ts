/** The command line of `npm run fuzz`: its flags, their checks and the help. Runs nothing. */
import { someOf } from "@reapool/measuring/arguments";
import { RUNTIME_NAMES, type RuntimeName } from "@reapool/measuring/runtimes";
import { Command, InvalidArgumentError } from "commander";
import type { Order } from "./orders.ts";

export interface Settings {
  readonly runtimes: readonly RuntimeName[];
  readonly order: Order;
}

const SECONDS = 10;
/** Exit status for a wrong command line. */
const USAGE_STATUS = 2;

export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm run fuzz --")
    .description("Feeds malformed bytes to the decoder, the frame reader and the host's end of a channel.")
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIME_NAMES.join(", ")}; comma separated (default: all)`,
      someOf(RUNTIME_NAMES),
    )
    .option("-s, --seconds <count>", "in each runtime", readNumber, SECONDS)
    .option("--seed <number>", "the same seed gives the same inputs (default: random)", readNumber)
    .option("--from <number>", "the number of the first input", readNumber, 0)
    .option("--input <target:hex>", "only this input", readInput)
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm run fuzz -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const { runtime, seconds, seed, from, input } = command.opts<{
    runtime?: RuntimeName[];
    seconds: number;
    seed?: number;
    from: number;
    input?: Order["input"];
  }>();
  return {
    runtimes: runtime ?? RUNTIME_NAMES,
    order: {
      seed: seed ?? Math.floor(Math.random() * 2 ** 31),
      seconds,
      from,
      isTraced: false,
      ...(input === undefined ? {} : { input }),
    },
  };
}

function readNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

function readInput(text: string): Order["input"] {
  const [, target, hex] = /^(\w+):((?:[0-9a-f]{2})*)$/.exec(text) ?? [];
  if (target === undefined || hex === undefined) {
    throw new InvalidArgumentError("Expected a target, a colon and bytes in hexadecimal.");
  }
  return { target, hex };
}

const MORE_HELP = `
What must hold for each input (all are below 64 KiB):
  it yields a value, or throws one of the documented errors
  it takes no more than 250 ms and 96 MiB
  no prototype is changed, and no object has one made by the sender
  no event comes from a channel once it is known to be broken

Exit status:
  0  all of that held
  1  something did not; seed, number and the smallest input are printed
  2  the command line is invalid`;
