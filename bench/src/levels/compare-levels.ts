/**
 * What `worker.containment: "tree"` costs beside "group", on a machine with some hundred other processes: looks read all of
 * /proc. Prints the ratios; writes nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { median } from "@reapool/measuring/numbers";
import Table from "cli-table3";
import { formatNumber } from "../format.ts";
import { findRuntimes, makeTemporary } from "../measure.ts";
import type { Settings } from "../settings.ts";
import { runSubject } from "../subject-process.ts";

const SUBJECT = fileURLToPath(new URL("./subject.ts", import.meta.url));
const OTHERS = 500;
const DEADLINE_MS = 300_000;
const WHAT = {
  start: "a worker starts",
  replace: "a call, with `recycle: { tasks: 1 }`",
  recover: "a worker dies, with a spare: next result",
};

/** The exit status. */
export async function compareLevels(settings: Settings): Promise<number> {
  const others = Array.from({ length: OTHERS }, () => spawn("sleep", ["3600"], { stdio: "ignore" }));
  process.once("exit", () => end(others));
  const table = new Table({
    head: ["", "", "tree / group", "", "group (ms)", "tree (ms)"],
    style: { head: [], border: [], compact: true },
  });
  const temporary = makeTemporary();
  let hasFailed = false;
  for (const runtime of findRuntimes(settings)) {
    const reports: Record<string, number>[] = [];
    for (let round = 0; round < settings.rounds; round++) {
      const args = [SUBJECT, settings.quick ? 4 : 10, settings.quick ? 20 : 60].map(String);
      const report = await runSubject({
        runtime,
        args,
        source: settings.source,
        temporary,
        deadline: DEADLINE_MS,
      });
      if (report.failure !== undefined) console.error(`${runtime.label}: ${report.failure}`);
      hasFailed ||= report.failure !== undefined;
      reports.push(report.measured as Record<string, number>);
    }
    for (const [key, label] of Object.entries(WHAT)) {
      const of = (level: string) => reports.map((report) => report[`${key} ${level}`] ?? Number.NaN);
      const [group, tree] = [of("group"), of("tree")];
      const ratios = tree.map((value, i) => value / (group[i] ?? Number.NaN));
      const range = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`;
      const cells = [
        median(ratios).toFixed(2),
        range,
        formatNumber(median(group)),
        formatNumber(median(tree)),
      ];
      table.push([runtime.label, label, ...cells]);
    }
  }
  end(others);
  console.log(table.toString());
  console.log(`${settings.rounds} rounds of alternating pools, with ${OTHERS} other processes; medians`);
  return hasFailed ? 1 : 0;
}

function end(others: readonly ChildProcess[]): void {
  for (const other of others) other.kill("SIGKILL");
}
