/**
 * The program of a fresh process: one contender through one workload. Tells its figures as lines, and ends at once:
 * what a contender leaves open is not waited for.
 */
import { writeSync } from "node:fs";
import { findEntry } from "./contenders/names.ts";
import { REPORT_MARK, type Report } from "./report.ts";
import { findWorkload } from "./workloads/index.ts";
import type { Measured } from "./workloads/workload.ts";

const [contenderName = "", workloadName = "", quick] = process.argv.slice(2);

function tell(report: Partial<Report>): void {
  writeSync(1, `\n${REPORT_MARK}${JSON.stringify(report)}\n`);
}

function fail(error: unknown): never {
  tell({ failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  process.exit(1);
}
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

try {
  const contender = await findEntry(contenderName).load();
  const tellPart = (measured: Measured) => tell({ measured });
  const size = { quick: quick === "quick" };
  tellPart(await findWorkload(workloadName).measure(contender, size, tellPart));
} catch (error) {
  fail(error);
}
process.exit(0);
