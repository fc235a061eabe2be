/**
 * Runs the job in one runtime, as a process of that runtime, and reads its reports. That process does not outlive
 * this function.
 */
import type { JobOutcome, JobProgress, JobRequest } from "./messages.ts";
import { CLEAN_END, startProgram } from "./runtime-process.ts";
import type { RuntimeName } from "./runtimes.ts";

export type JobResult =
  | {
      readonly status: "done";
      readonly runtime: RuntimeName;
      readonly version: string;
      readonly outcome: JobOutcome;
    }
  | { readonly status: "failed"; readonly runtime: RuntimeName; readonly reason: string }
  | { readonly status: "skipped"; readonly runtime: RuntimeName; readonly reason: string };

export interface LaunchEvents {
  onStart(version: string): void;
  onProgress(progress: JobProgress): void;
}

/** Its pool is closed by then: nothing should keep a job alive that has reported its outcome. */
const END_MS = 60_000;

export async function runIn(
  runtime: RuntimeName,
  request: JobRequest,
  { onStart, onProgress }: LaunchEvents,
  interrupt: AbortSignal,
): Promise<JobResult> {
  const job = startProgram(runtime, { type: "job", ...request }, interrupt);
  if (job === undefined) return { status: "skipped", runtime, reason: "it is not installed" };

  let version = "";
  let outcome: JobOutcome | undefined;
  let overdue: NodeJS.Timeout | undefined;
  for await (const message of job.messages) {
    if (message.type === "started") {
      version = message.version;
      onStart(version);
    } else if (message.type === "progress") onProgress(message);
    else if (message.type === "finished") {
      outcome = message.outcome;
      overdue = setTimeout(job.kill, END_MS);
    }
  }
  const end = await job.ended;
  clearTimeout(overdue);
  if (outcome === undefined) {
    return { status: "failed", runtime, reason: `its process ${end} before it reported an outcome` };
  }
  if (end !== CLEAN_END) {
    return { status: "failed", runtime, reason: `its process ${end} after it reported its outcome` };
  }
  return { status: "done", runtime, version, outcome };
}
