/**
 * `npm run chaos`: random programs on real processes, in each runtime, against a model of what each call must return.
 * The table goes to stdout, everything else to stderr.
 */
import process from "node:process";
import { findRuntime } from "@reapool/measuring/runtimes";
import { replay, type Told, tellBreaches } from "./breaches.ts";
import { modeOf } from "./program.ts";
import { toJson, toTable, toText } from "./report.ts";
import { playRound, type Round } from "./rounds.ts";
import { OFTEN, parseCommandLine } from "./settings.ts";
import { findSurroundings, PLAIN } from "./surroundings.ts";

/** Breaches of one round that are shrunk; each takes up to a minute. */
const MOST_TOLD = 5;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
process.setMaxListeners(0); // each player is killed with this process
const settings = parseCommandLine(process.argv.slice(2));
const { seed, seconds, packages, program } = settings;
const { shrinkSeconds } = settings;
const surroundings = settings.modes.includes("faults") || program !== undefined ? findSurroundings() : PLAIN;
const options = { seed, seconds, packages, surroundings, most: MOST_TOLD, shrinkSeconds };
const runtimes = settings.runtimes.map(findRuntime).filter((runtime) => runtime !== undefined);
if (runtimes.length === 0) console.error("✘ No runtime is installed: nothing was played");

const rounds: Round[] = [];
const told: Told[] = [];
for (const runtime of runtimes) {
  for (const mode of program === undefined ? settings.modes : [modeOf(program)]) {
    const what = program === undefined ? `seed ${seed}` : `one program, ${settings.times} times`;
    console.error(`${runtime.label}: ${mode === "peace" ? "without" : "with"} faults, ${what}`);
    const round =
      program === undefined
        ? await playRound(runtime, mode, options)
        : await replay(runtime, mode, program, settings.times, options);
    rounds.push(round);
    for (const reason of round.skipped) console.error(`  skipped: ${reason}`);
    for await (const one of tellBreaches(round, options)) {
      told.push(one);
      console.error(toText(one, seed));
    }
  }
}
console.log(settings.json ? toJson(rounds, told, seed) : toTable(rounds));
process.exitCode = isBroken() ? 1 : 0;

function isBroken(): boolean {
  if (runtimes.length === 0) return true;
  if (settings.recurring) return told.some(({ again }) => again >= OFTEN);
  return rounds.some(({ found }) => found.length > 0);
}
