/**
 * `npm run prove`: measures what is promised, in each runtime, on the packages as they are built, and prints it as Markdown.
 * Results go to stdout or into docs/guarantees.md, everything else to stderr.
 */
import { existsSync } from "node:fs";
import { findRuntime, type Runtime } from "@reapool/measuring/runtimes";
import { writeResults } from "./document.ts";
import { describeMachine } from "./machine.ts";
import { toMarkdown } from "./markdown.ts";
import { measureDeaths, watchUncollected } from "./measure/deaths.ts";
import { measureIdle } from "./measure/idle.ts";
import { CAUSES, type Ending, endHost, endHostWithoutGuard } from "./measure/matrix.ts";
import { measureMoments } from "./measure/moments.ts";
import { measureAdopted, measureAsPidOne } from "./measure/orphans.ts";
import { readTogether, writeJson } from "./put-together.ts";
import {
  faultsOf,
  type MatrixResult,
  type OrphansResults,
  type Outcome,
  type Results,
  type RuntimeResults,
} from "./results.ts";
import { type Part, parseCommandLine } from "./settings.ts";

/** A few are enough to see that zombies stay. */
const CONTROL_ORPHANS = 20;

const settings = parseCommandLine(process.argv.slice(2));
if (!existsSync("/proc/self/stat")) {
  console.error("Expected /proc to be mounted: everything here is read from it. Linux only");
  process.exit(1);
}

const results: Results = settings.again === undefined ? await measure() : readTogether(settings.again);
if (settings.json !== undefined) writeJson(settings.json, results);
const markdown = toMarkdown(results);
if (settings.write) writeResults(markdown);
else console.log(markdown);
const faults = faultsOf(results);
for (const fault of faults) console.error(`✘ ${fault}`);
if (results.runtimes.length === 0) console.error("✘ No runtime is installed: nothing was measured");
else if (faults.length === 0) console.error("✔ Nothing that is promised was broken");
process.exitCode = faults.length === 0 && results.runtimes.length > 0 ? 0 : 1;

async function measure(): Promise<Results> {
  const found = settings.runtimes.map((name) => ({ name, runtime: findRuntime(name) }));
  const installed = found.map(({ runtime }) => runtime).filter((runtime) => runtime !== undefined);
  const machine = describeMachine();
  const watchControl = await watchUncollected();
  const runtimes: RuntimeResults[] = [];
  for (const runtime of installed) runtimes.push(await measureAll(runtime));
  const missing = found.filter(({ runtime }) => runtime === undefined).map(({ name }) => name);
  return { settings, machine, runtimes, missing, watchControl };
}

async function measureAll(runtime: Runtime): Promise<RuntimeResults> {
  const { rounds, moments, deaths, idleMs, orphans, parts } = settings;
  const measures: { [P in Part]: () => Promise<RuntimeResults[P]> } = {
    matrix: () => attempt(() => measureMatrix(runtime, rounds)),
    moments: () => attempt(() => measureMoments(runtime, moments)),
    deaths: () => attempt(() => measureDeaths(runtime, deaths)),
    idle: () => attempt(() => measureIdle(runtime, idleMs)),
    orphans: () => attempt(() => measureOrphans(runtime, orphans)),
  };
  let measured: RuntimeResults = { label: runtime.label };
  for (const part of parts) {
    console.error(`${runtime.label}: ${part}`);
    measured = { ...measured, [part]: await measures[part]() };
  }
  return measured;
}

async function measureMatrix(runtime: Runtime, rounds: number): Promise<MatrixResult> {
  const endings: Ending[] = [];
  for (const cause of CAUSES) {
    for (let round = 0; round < rounds; round++) endings.push(await endHost(runtime, cause));
  }
  return { endings, control: await endHostWithoutGuard(runtime) };
}

async function measureOrphans(runtime: Runtime, count: number): Promise<OrphansResults> {
  return {
    adopted: await measureAdopted(runtime, count),
    asPidOne: await measureAsPidOne(runtime, count, "auto"),
    control: await measureAsPidOne(runtime, CONTROL_ORPHANS, "ignore"),
  };
}

async function attempt<T>(measure: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await measure() };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}
