/**
 * `npm start`: plays two acts in each runtime, the job over a folder and the kill of a host in the middle of its
 * work, and reports the results. Results go to stdout, everything else to stderr.
 */
import { constants } from "node:os";
import { parseCommandLine, type Settings, USAGE_STATUS } from "./command-line.ts";
import { type Input, InputError, readInput } from "./folder.ts";
import { runIn } from "./launch.ts";
import { createProgressView, type ProgressView } from "./progress.ts";
import { isGood, type RuntimeResult, toJson, toTable, toVerdict } from "./results.ts";
import type { RuntimeName } from "./runtimes.ts";
import { playSecondAct, type SecondAct } from "./second-act.ts";
import { counted, label, megabytes, size, tenths } from "./wording.ts";

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
  const kills = killEvery === null ? "none is killed" : `one is killed every ${killEvery} ms`;
  console.error(`${counted(files.length, "file")}, ${size(bytes)} in ${folder}`);
  console.error(`${counted(workers, "worker")} in each pool; ${kills}\n`);
  const view = createProgressView(files.length);
  const results: RuntimeResult[] = [];
  for (const runtime of runtimes) {
    if (interrupt.signal.aborted) break;
    const job = await runIn(
      runtime,
      { files, brotliQuality: brotliQualityFor(bytes), workers, killEvery },
      {
        onStart: (version) => view.begin(label(runtime, version)),
        onProgress: (progress) => view.update(progress),
      },
      interrupt.signal,
    );
    view.end();
    const isOver = job.status !== "done" || interrupt.signal.aborted;
    results.push({ ...job, secondAct: isOver ? null : await showSecondAct(runtime, view) });
  }
  console.error();
  return results;
}

async function showSecondAct(runtime: RuntimeName, view: ProgressView): Promise<SecondAct | null> {
  view.tell("second act: a host that will be killed in the middle of its work");
  const act = await playSecondAct(runtime, interrupt.signal);
  if (!interrupt.signal.aborted) view.tell(`second act: ${inShort(act)}`);
  view.end();
  return act;
}

function inShort(act: SecondAct | null): string {
  if (act === null) return "left out, as there is no /proc to count by";
  const { processesBeforeKill, processesLeft, secondsUntilGone, problems } = act;
  if (problems.length > 0) return "it went wrong";
  const time = secondsUntilGone === null ? "" : ` after ${tenths(secondsUntilGone)} s`;
  return `SIGKILL to the host of ${counted(processesBeforeKill, "process", "processes")}, ${processesLeft} left${time}`;
}

/**
 * The best compression is worth its time only while the whole job takes seconds; above that, a level twenty times as
 * fast is used.
 */
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
