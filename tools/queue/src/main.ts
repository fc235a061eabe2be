/**
 * `npm run queue`: jobs on a real queue, on hosts and workers that are killed at random, in each runtime. The table goes to
 * stdout, everything else to stderr.
 */
import { ENGINE_KINDS, type Engine, startEngine, whyNo } from "@reapool/engines";
import { findRuntime } from "@reapool/measuring/runtimes";
import { canSeeProcesses } from "./marked.ts";
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
const runtimes = settings.runtimes.map(findRuntime).filter((runtime) => runtime !== undefined);
if (runtimes.length === 0) fail("No runtime is installed");
const kinds = settings.engines ?? [ENGINE_KINDS.find((kind) => whyNo(kind) === undefined)];
const { seed, jobs, json } = settings;
const results: Result[] = [];
for (const kind of kinds) {
  if (kind === undefined) fail(ENGINE_KINDS.map((one) => `${one} can't be had: ${whyNo(one)}`).join("\n  "));
  const engine = await startEngine(kind).catch((error: Error) => error.message);
  if (typeof engine === "string") {
    for (const { name, label } of runtimes) results.push({ name, label, engine: kind, round: engine });
    continue;
  }
  console.error(`${engine.label}, seed ${seed}`);
  try {
    await playAll(engine);
  } finally {
    await engine.stop();
  }
}
console.log(json ? toJson(results, seed) : `\n${toTable(results)}\n\n${toVerdict(results)}`);
process.exitCode = isGood(results) ? 0 : 1;

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
