/** The output at the end: the table of rows and runtimes, the verdict, and all of it as JSON. Pure. */
import { styleText } from "node:util";
import Table from "cli-table3";
import type { Step } from "./lab.ts";
import type { Experiment, Row, Seen } from "./row.ts";
import type { RuntimeName } from "./runtimes.ts";
import { counted, label } from "./wording.ts";

export type Outcome =
  | ({ readonly status: "shown" } & Seen)
  | { readonly status: "unavailable"; readonly reason: string }
  | { readonly status: "failed"; readonly reason: string };

/** One experiment in one runtime. */
export interface Result {
  readonly row: Row;
  readonly experiment: Experiment;
  readonly runtime: RuntimeName;
  readonly version: string | undefined;
  readonly outcome: Outcome;
  readonly steps: readonly Step[];
}

export function outcomeText(outcome: Outcome): string {
  if (outcome.status === "shown") return `${outcome.without} → ${outcome.with}`;
  return `${outcome.status === "failed" ? "failed" : "not available"}: ${outcome.reason}`;
}

/** True if no way out failed, nothing failed to appear, and something was shown at all. */
export function isGood(results: readonly Result[]): boolean {
  return (
    results.some(({ outcome }) => outcome.status === "shown") &&
    results.every(({ outcome }) => outcome.status !== "failed")
  );
}

const COLUMNS = 110;
const FORMATS = { shown: "green", unavailable: "yellow", failed: "red" } as const;

export function toTable(results: readonly Result[], columns: number = COLUMNS): string {
  const runtimes = [...new Set(results.map(({ runtime }) => runtime))];
  const experiments = [...new Set(results.map(({ experiment }) => experiment))];
  const width = Math.floor((Math.min(columns, COLUMNS) - 1) / (runtimes.length + 1.5)) - 1;
  const table = new Table({
    head: ["", ...runtimes.map((runtime) => label(runtime, versionOf(runtime, results)))],
    colWidths: [Math.floor(width * 1.5), ...runtimes.map(() => width)],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const experiment of experiments) {
    const found = results.filter((result) => result.experiment === experiment);
    table.push([
      found[0] === undefined ? "" : nameOf(found[0]),
      ...runtimes.map((name) => {
        const outcome = found.find(({ runtime }) => runtime === name)?.outcome;
        return outcome === undefined ? "" : style(FORMATS[outcome.status], outcomeText(outcome));
      }),
    ]);
  }
  return table.toString();
}

function versionOf(name: RuntimeName, results: readonly Result[]): string | undefined {
  return results.find(({ runtime, version }) => runtime === name && version !== undefined)?.version;
}

function nameOf({ row, experiment }: Pick<Result, "row" | "experiment">): string {
  return `${row.number}  ${row.title}${experiment.name === "" ? "" : `, ${experiment.name}`}`;
}

/** The verdict: one line, or one for each problem. */
export function toVerdict(results: readonly Result[]): string {
  const failed = results.filter(({ outcome }) => outcome.status === "failed");
  if (failed.length > 0) {
    return failed
      .map((result) => style("red", `✘ ${result.runtime}, ${nameOf(result)}: ${outcomeText(result.outcome)}`))
      .join("\n");
  }
  const shown = results.filter(({ outcome }) => outcome.status === "shown").length;
  if (shown === 0) return style("red", "✘ Nothing could be shown here");
  const missing = results.length - shown;
  const except = missing === 0 ? "" : `; ${missing} not available here`;
  return style(
    "green",
    `✔ ${counted(shown, "experiment")}: each zombie, survivor and blocked host was real, and each way out left none${except}`,
  );
}

export function toJson(results: readonly Result[]): string {
  const report = {
    ok: isGood(results),
    results: results.map(({ row, experiment, runtime, version, outcome, steps }) => ({
      row: row.number,
      title: row.title,
      ...(experiment.name === "" ? {} : { experiment: experiment.name }),
      runtime,
      version,
      ...outcome,
      steps,
    })),
  };
  return JSON.stringify(report, null, 2);
}

/** Plain where the user or the terminal wants no colour. */
function style(format: "green" | "yellow" | "red", text: string): string {
  return styleText(format, text, { stream: process.stdout });
}
