/**
 * `npm run queue`: jobs on a real queue, on hosts and workers that are killed at random, in each runtime. The table goes to
 * stdout, everything else to stderr.
 */
import { createRequire } from "node:module";
import { ENGINE_KINDS, type Engine, startEngine, whyNo } from "@reapool/engines";
import { canSeeProcesses } from "@reapool/measuring/marked";
import { findRuntime } from "@reapool/measuring/runtimes";
import { compare } from "./compare/compare.ts";
import { writeComparison } from "./compare/document.ts";
import * as comparing from "./compare/report.ts";
import { sweep } from "./marked.ts";
import { showProgress } from "./progress.ts";
import { isGood, type Result, toJson, toTable, toVerdict } from "./report.ts";
import { playRound } from "./round.ts";
import { parseCommandLine } from "./settings.ts";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
const settings = parseCommandLine(process.argv.slice(2));
if (!canSeeProcesses) {
  console.error("Expected /proc to be mounted: what is left over is read from it. Linux only");
  process.exit(1);
}
process.on("exit", sweep); // a sandbox that computes would outlive an interrupted comparison
const runtimes = settings.runtimes.map(findRuntime).filter((runtime) => runtime !== undefined);
if (runtimes.length === 0) fail("No runtime is installed");
const kinds = settings.engines ?? [ENGINE_KINDS.find((kind) => whyNo(kind) === undefined)];
const { seed, jobs, json } = settings;
const results: Result[] = [];
const comparisons: comparing.Comparison[] = [];
for (const kind of kinds) {
  if (kind === undefined) fail(ENGINE_KINDS.map((one) => `${one} can't be had: ${whyNo(one)}`).join("\n  "));
  const engine = await startEngine(kind).catch((error: Error) => error.message);
  if (typeof engine === "string") {
    for (const { name, label } of runtimes) results.push({ name, label, engine: kind, round: engine });
    continue;
  }
  console.error(`${engine.label}, seed ${seed}`);
  try {
    await (settings.compare ? compareAll(engine) : playAll(engine));
  } finally {
    await engine.stop();
  }
}
if (settings.compare) tellComparisons();
else {
  console.log(json ? toJson(results, seed) : `\n${toTable(results)}\n\n${toVerdict(results)}`);
  process.exitCode = isGood(results) ? 0 : 1;
}

async function compareAll(engine: Engine): Promise<void> {
  for (const runtime of runtimes) {
    const rows = await compare(runtime, engine);
    const { name, label } = runtime;
    comparisons.push({ name, label, engine: engine.label, version: bullmqVersion(), rows });
  }
}

function tellComparisons(): void {
  const isGood = comparing.isGood(comparisons);
  if (settings.write) writeComparison(comparing.toMarkdown(comparisons));
  else console.log(json ? comparing.toJson(comparisons) : `\n${comparing.toMarkdown(comparisons)}`);
  if (!isGood) console.error("✘ The pool did not deal with every fault");
  for (const { engine, round } of results) console.error(`✘ ${engine}: ${round}`);
  process.exitCode = isGood && results.length === 0 ? 0 : 1;
}

function bullmqVersion(): string {
  const { version } = createRequire(import.meta.url)("bullmq/package.json") as { version: string };
  return version;
}

async function playAll(engine: Engine): Promise<void> {
  for (const runtime of runtimes) {
    const progress = showProgress(runtime.label, jobs);
    const round = await playRound({
      runtime,
      engine,
      jobs,
      seed,
      onProgress: (now) => progress.update(now),
    }).catch((error: Error) => error.message);
    progress.end();
    const { name, label } = runtime;
    results.push({ name, label, engine: engine.label, round });
  }
}

function fail(why: string): never {
  console.error(`✘ Nothing was run: ${why}`);
  process.exit(1);
}
