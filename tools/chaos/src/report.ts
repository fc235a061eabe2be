/** The results of a run, for people and as JSON. Plays nothing. */
import { markdownTable } from "markdown-table";
import type { Told } from "./breaches.ts";
import { kindOf } from "./breaches.ts";
import type { Round } from "./rounds.ts";

const MODE = { peace: "without faults", faults: "with faults" } as const;

export function toTable(rounds: readonly Round[]): string {
  const rows = rounds.map(({ runtime, mode, programs, calls, faults, found, seconds }) => [
    runtime.label,
    MODE[mode],
    String(programs),
    String(calls),
    String(faults),
    String(found.length),
    String(Math.round(seconds)),
  ]);
  const head = ["runtime", "mode", "programs", "calls", "faults", "breaches", "seconds"];
  return markdownTable([head, ...rows], { align: ["l", "l", "r", "r", "r", "r", "r"] });
}

export function toText(told: Told, seed: number): string {
  const { runtime, mode, number, breach, program, again, times } = told;
  const alone = again === 0 ? "It did not recur in ten runs alone" : `Recurred in ${again} of 10`;
  return `✘ ${runtime.label}, ${MODE[mode]}: ${breach.kind}, ${breach.what}
  expected ${breach.expected}
  received ${breach.received}
  ${times === 1 ? "One program broke this" : `${times} programs broke this`}. ${alone}. Seed ${seed}, program ${number}; shrunk:
  npm run chaos -- --runtime ${runtime.name} --program '${JSON.stringify(program)}'`;
}

export function toJson(rounds: readonly Round[], told: readonly Told[], seed: number): string {
  const bare = rounds.map(({ runtime, mode, found, ...round }) => ({
    runtime: runtime.name,
    label: runtime.label,
    mode,
    ...round,
    breaches: found.length,
    kinds: count(found.flatMap(({ breaches }) => [...new Set(breaches.map(kindOf))])),
  }));
  const breaches = told.map(({ runtime, ...rest }) => ({ runtime: runtime.name, ...rest }));
  return JSON.stringify({ seed, rounds: bare, breaches }, undefined, 2);
}

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
