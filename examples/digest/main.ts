/**
 * `npm start`: takes a folder through the job in one runtime after another and tells what came out. Results
 * go to stdout, everything else to stderr.
 */
import { constants } from "node:os";
import { parseCommandLine, type Settings, USAGE_STATUS } from "./command-line.ts";
import { type Input, InputError, readInput } from "./folder.ts";
import { type RuntimeResult, runIn } from "./launch.ts";
import { createProgressView } from "./progress.ts";
import { isGood, toJson, toTable, toVerdict } from "./results.ts";
import { counted, label, megabytes, size } from "./wording.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort(signal));
}

const settings = parseCommandLine(process.argv.slice(2));
try {
  const input = await readInput(settings.folder, interrupt.signal);
  const results = await runAll(input, settings);
  interrupt.signal.throwIfAborted();
  tell(input, settings, results);
} catch (error) {
  if (interrupt.signal.aborted) giveUp(interrupt.signal.reason as NodeJS.Signals);
  else if (error instanceof InputError) {
    console.error(`error: ${error.message}`);
    process.exitCode = USAGE_STATUS;
  } else throw error;
}

async function runAll({ folder, files, bytes }: Input, settings: Settings): Promise<RuntimeResult[]> {
  const { runtimes, workers, killEvery } = settings;
  const kills = killEvery === null ? "nobody is killed" : `one is killed every ${killEvery} ms`;
  console.error(`${counted(files.length, "file")}, ${size(bytes)} in ${folder}`);
  console.error(`${counted(workers, "worker")} in each pool; ${kills}\n`);
  const view = createProgressView(files.length);
  const results: RuntimeResult[] = [];
  for (const runtime of runtimes) {
    if (interrupt.signal.aborted) break;
    const result = await runIn(
      runtime,
      { files, brotliQuality: brotliQualityFor(bytes), workers, killEvery },
      {
        onStart: (version) => view.begin(label(runtime, version)),
        onProgress: (progress) => view.update(progress),
      },
      interrupt.signal,
    );
    view.end();
    results.push(result);
  }
  console.error();
  return results;
}

/** The best is worth its time only while the whole job takes seconds; above it goes twenty times as fast. */
function brotliQualityFor(bytes: number): number {
  return megabytes(bytes) < 20 ? 11 : 5;
}

function tell(input: Input, settings: Settings, results: readonly RuntimeResult[]): void {
  if (settings.json) console.log(toJson(input, settings, results));
  else console.log(`${toTable(results, process.stdout.columns)}\n\n${toVerdict(results)}`);
  process.exitCode = isGood(results) ? 0 : 1;
}

/** The status a shell gives a program that a signal ended. */
function giveUp(signal: NodeJS.Signals): void {
  console.error(`Interrupted by ${signal}; every worker is stopped`);
  process.exitCode = 128 + constants.signals[signal];
}
