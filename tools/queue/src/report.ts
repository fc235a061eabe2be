/** The results of the demo: table, verdict and JSON. PURE. */
import { styleText } from "node:util";
import type { RuntimeLabel } from "@reapool/measuring/runtimes";
import Table from "cli-table3";
import type { Round } from "./round.ts";

export interface Result extends RuntimeLabel {
  /** Of the engine, for people. */
  readonly engine: string;
  /** A text is why there is none. */
  readonly round: Round | string;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);

const COLUMNS: readonly { readonly head: string; value(round: Round): string }[] = [
  { head: "jobs", value: ({ jobs }) => String(jobs) },
  { head: "done", value: ({ done }) => String(done) },
  { head: "started\ntwice", value: ({ startedTwice }) => String(startedTwice) },
  { head: "finished\ntwice", value: ({ finishedTwice }) => String(finishedTwice) },
  { head: "lost", value: ({ lost }) => String(lost) },
  { head: "processes\nleft", value: ({ left }) => String(left) },
  { head: "workers\nkilled", value: ({ workerKills }) => String(workerKills) },
  { head: "hosts\nkilled", value: ({ hostKills }) => String(hostKills) },
  {
    head: "longest pause\nafter host's death",
    value: ({ longestPause }) => (longestPause === undefined ? "none busy" : `${seconds(longestPause)} s`),
  },
  { head: "seconds", value: (round) => seconds(round.seconds * 1_000) },
];

const LINES = Object.fromEntries(
  ["top", "bottom"]
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat("left", "left-mid", "mid-mid", "right", "right-mid", "middle")
    .map((name) => [name, ""]),
);

export function toTable(results: readonly Result[]): string {
  const table = new Table({
    head: ["", ...COLUMNS.map(({ head }) => head)],
    chars: { ...LINES, mid: "─" },
    colAligns: ["left", ...COLUMNS.map(() => "right" as const)],
    rowAligns: ["bottom"],
    style: { head: [], border: [], compact: true, "padding-left": 1, "padding-right": 0 },
  });
  for (const { label, engine, round } of results) {
    const name = { content: `${label}, ${engine}`, style: { "padding-left": 0 } };
    if (typeof round === "string") table.push([name, { content: round, colSpan: COLUMNS.length }]);
    else table.push([name, ...COLUMNS.map(({ value }) => value(round))]);
  }
  return table.toString();
}

/** What is wrong with it, in words; empty where nothing is. */
function faultsOf({ round }: Result): string[] {
  if (typeof round === "string") return [round];
  const { lost, left, failures } = round;
  return [
    ...(lost > 0 ? [`${lost} lost`] : []),
    ...(left > 0 ? [`${left} processes left`] : []),
    ...failures.map(({ job, reason }) => `job ${job} failed: ${reason}`),
  ];
}

export function isGood(results: readonly Result[]): boolean {
  return results.length > 0 && results.every((result) => faultsOf(result).length === 0);
}

export function toVerdict(results: readonly Result[]): string {
  if (isGood(results))
    return style("green", "✔ No job lost and no process left, whichever hosts and workers were killed");
  if (results.length === 0) return style("red", "✘ Nothing has run");
  return results
    .flatMap((result) => faultsOf(result).map((fault) => `✘ ${result.label}, ${result.engine}: ${fault}`))
    .map((line) => style("red", line))
    .join("\n");
}

export function toJson(results: readonly Result[], seed: number): string {
  const rounds = results.map(({ name, label, engine, round }) => ({
    runtime: name,
    label,
    engine,
    ...(typeof round === "string" ? { reason: round } : round),
  }));
  return JSON.stringify({ ok: isGood(results), seed, rounds }, undefined, 2);
}

/** Plain where the user or the terminal wants no colour. */
const style = (format: "green" | "red", text: string): string =>
  styleText(format, text, { stream: process.stdout });
