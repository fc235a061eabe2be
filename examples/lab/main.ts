/** `npm run lab`: goes through the rows, each in every runtime, and summarises what was seen. */
import { mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { UnsupportedError } from "reapool";
import { parseCommandLine, type Settings } from "./command-line.ts";
import { Fault, Unavailable } from "./fault.ts";
import { killMarked, Lab } from "./lab.ts";
import { isGood, type Outcome, type Result, toJson, toTable, toVerdict } from "./results.ts";
import type { Experiment, Row, Seen } from "./row.ts";
import type { RuntimeName } from "./runtimes.ts";
import { createWalk } from "./walk.ts";

const settings = parseCommandLine(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), "reapool-lab-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => giveUp(signal));
}
const walk = createWalk(settings.json ? process.stderr : process.stdout);
tell(settings, await playAll(settings));

async function playAll({ rows, runtimes }: Settings): Promise<Result[]> {
  const results: Result[] = [];
  for (const row of rows) {
    walk.row(row);
    for (const experiment of row.experiments) {
      walk.experiment(experiment);
      for (const runtime of runtimes) results.push(await play(row, experiment, runtime));
    }
  }
  return results;
}

async function play(row: Row, experiment: Experiment, runtime: RuntimeName): Promise<Result> {
  const lab: Lab = new Lab(runtime, folder, (step) => walk.step(step, lab));
  const played = await attempt(() => experiment.play(lab));
  const swept = await attempt(() => lab.sweep());
  const outcome: Outcome = played.error ?? swept.error ?? { status: "shown", ...(played.value as Seen) };
  walk.outcome(outcome, lab);
  const { version, steps } = lab;
  return { row, experiment, runtime, version, outcome, steps };
}

async function attempt<T>(act: () => Promise<T>): Promise<{ value?: T; error?: Outcome }> {
  try {
    return { value: await act() };
  } catch (error) {
    return { error: explain(error) };
  }
}

function explain(error: unknown): Outcome {
  if (error instanceof Unavailable || error instanceof UnsupportedError) {
    return { status: "unavailable", reason: error.message };
  }
  if (error instanceof Fault) return { status: "failed", reason: error.message };
  throw error;
}

function tell({ json }: Settings, results: readonly Result[]): void {
  if (json) console.log(toJson(results));
  else console.log(`\n${toTable(results, process.stdout.columns)}\n\n${toVerdict(results)}`);
  process.exitCode = isGood(results) ? 0 : 1;
}

/** The status a shell gives a program that a signal ended. */
function giveUp(signal: NodeJS.Signals): never {
  while (killMarked() > 0);
  console.error(`Interrupted by ${signal}; nothing is left running`);
  process.exit(128 + constants.signals[signal]);
}
