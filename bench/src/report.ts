/** The lines that a subject writes, and the end of its process. */
import { writeSync } from "node:fs";
import type { Measured } from "./workloads/workload.ts";

/** The prefix of each line: a contender's own output is no report. */
export const REPORT_MARK = "@report ";

export interface Report {
  readonly measured: Measured;
  /** Why some figures are missing. */
  readonly failure?: string;
}

/**
 * What a subject's process does: reports what `measure` yields, or why it yields nothing, and exits at once, without
 * waiting for anything that a contender leaves open.
 */
export async function tellAndEnd(
  measure: (tell: (measured: Measured) => void) => Promise<Measured>,
): Promise<never> {
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const tellPart = (measured: Measured) => tell({ measured });
  try {
    tellPart(await measure(tellPart));
  } catch (error) {
    fail(error);
  }
  process.exit(0);
}

function tell(report: Partial<Report>): void {
  writeSync(1, `\n${REPORT_MARK}${JSON.stringify(report)}\n`);
}

function fail(error: unknown): never {
  tell({ failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  process.exit(1);
}

/** The content of several lines. `tidy` shortens the text of a failure, because others will read it. */
export function mergeReports(reports: readonly Partial<Report>[], tidy: (text: string) => string): Report {
  const merged: Measured = Object.assign({}, ...reports.map((report) => report.measured));
  const measured: Record<string, Measured[string]> = {};
  for (const [key, value] of Object.entries(merged)) {
    if (value === null) continue; // NaN and the infinities become null in JSON
    measured[key] = typeof value === "number" ? value : { skipped: tidy(value.skipped) };
  }
  const failure = reports.find((report) => report.failure !== undefined)?.failure;
  return failure === undefined ? { measured } : { measured, failure: tidy(failure) };
}
