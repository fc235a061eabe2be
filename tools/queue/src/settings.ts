/** The command line of `npm run queue`: its flags, their checks and the help. Runs nothing. */
import { ENGINE_KINDS, type EngineKind } from "@reapool/engines";
import { readCount, someOf } from "@reapool/measuring/arguments";
import { RUNTIME_NAMES, type RuntimeName } from "@reapool/measuring/runtimes";
import { Command } from "commander";

export interface Settings {
  readonly runtimes: readonly RuntimeName[];
  /** Undefined: the first that can be had. */
  readonly engines: readonly EngineKind[] | undefined;
  readonly jobs: number;
  readonly seed: number;
  readonly compare: boolean;
  /** Write what the comparison shows into docs/comparison-bullmq.md. */
  readonly write: boolean;
  readonly json: boolean;
}

const JOBS = 120;
const RUNTIMES: readonly RuntimeName[] = ["node24", "bun", "deno"];
const COMPARED: readonly RuntimeName[] = ["node24"];
/** Exit status for a wrong command line. */
const USAGE_STATUS = 2;

export function parseCommandLine(argv: readonly string[]): Settings {
  const command = new Command("npm run queue --")
    .description(
      "Sends jobs through a BullMQ queue to two worker hosts, each with a pool, kills hosts and workers at random in\n" +
        "the meantime, and counts what became of the jobs. Starts the Redis or PostgreSQL that it needs.",
    )
    .option(
      "-r, --runtime <names>",
      `which of ${RUNTIME_NAMES.join(", ")}; comma separated (default: ${RUNTIMES}; with --compare ${COMPARED})`,
      someOf(RUNTIME_NAMES),
    )
    .option(
      "-e, --engine <names>",
      `${ENGINE_KINDS.join(", ")} or both (default: the first that can be had)`,
      someOf(ENGINE_KINDS),
    )
    .option("-j, --jobs <count>", `in each runtime (default: ${JOBS})`, readCount)
    .option("--seed <number>", "draws the same jobs and faults again (default: random)", readCount)
    .option("-c, --compare", "puts BullMQ's own sandboxed processors through the same faults as a pool")
    .option("-w, --write", "with --compare: writes the table into docs/comparison-bullmq.md")
    .option("--json", "prints everything as JSON")
    .addHelpText("after", MORE_HELP)
    .showHelpAfterError("Try `npm run queue -- --help`.")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_STATUS));
  command.parse(argv, { from: "user" });
  const options = command.opts<{
    runtime?: RuntimeName[];
    engine?: EngineKind[];
    jobs?: number;
    seed?: number;
    compare?: true;
    write?: true;
    json?: true;
  }>();
  if (options.write && !options.compare) command.error("Expected --write to come with --compare");
  return {
    runtimes: options.runtime ?? (options.compare ? COMPARED : RUNTIMES),
    engines: options.engine,
    jobs: options.jobs ?? JOBS,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
    compare: options.compare === true,
    write: options.write === true,
    json: options.json === true,
  };
}

const MORE_HELP = `
Engines:
  redis     the one that REDIS_URL names, or a redis-server on the PATH, which is started
  postgres  the PostgreSQL in an npm package, which is started; as root it runs as nobody

Columns:
  done                  completed for BullMQ, and finished by a task at least once
  started twice         jobs that a task has begun more than once, by a file that the tasks write
  finished twice        jobs that a task has ended more than once, by the same file
  lost                  jobs that are not done
  processes left        what hosts and producer have started and not ended, by /proc
  longest pause         from the SIGKILL of a host until the last of the jobs it had under way
                        has begun again elsewhere; its lock of 2 s has to run out first

Exit status:
  0    no job was lost and no process left; with --compare: the pool passed all
  1    one was, or nothing could run
  2    the command line is invalid
  130  interrupted`;
