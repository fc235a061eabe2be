/**
 * Runs the job in one runtime, as a process of that runtime, and listens to what it reports. Owns that
 * process: it is told to stop on an interrupt, and does not outlive this function.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as runtimes from "@reapool/runtimes";
import type { JobMessage, JobOutcome, JobProgress, JobRequest } from "./messages.ts";

export const RUNTIMES = ["node", "bun", "deno"] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

export type RuntimeResult =
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

const EXECUTABLES: Readonly<Record<RuntimeName, string | undefined>> = {
  node: runtimes.node24,
  bun: runtimes.bun,
  deno: runtimes.deno,
};
const FLAGS: Readonly<Record<RuntimeName, readonly string[]>> = { node: [], bun: [], deno: ["run", "-A"] };

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Its pool is closed by then: nothing should keep a job alive that has told its outcome. */
const END_MS = 5_000;

export async function runIn(
  runtime: RuntimeName,
  request: JobRequest,
  { onStart, onProgress }: LaunchEvents,
  interrupt: AbortSignal,
): Promise<RuntimeResult> {
  const executable = EXECUTABLES[runtime];
  if (executable === undefined) return { status: "skipped", runtime, reason: "it is not installed" };
  const entry = fileURLToPath(new URL(`./${runtime}.ts`, import.meta.url));
  const job = spawn(executable, [...FLAGS[runtime], entry], {
    cwd: ROOT, // where Deno finds its deno.json
    env: { ...process.env, ...runtimes.sourceEnvironment, DENO_NO_UPDATE_CHECK: "1" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = endOf(job);
  job.stdin.on("error", () => {}); // it ended before it read its request: its end tells more
  job.stdin.write(`${JSON.stringify(request)}\n`);
  const onInterrupt = () => void job.kill("SIGTERM");
  interrupt.addEventListener("abort", onInterrupt, { once: true });

  let version = "";
  let outcome: JobOutcome | undefined;
  let overdue: NodeJS.Timeout | undefined;
  for await (const line of createInterface({ input: job.stdout })) {
    const message = JSON.parse(line) as JobMessage;
    if (message.type === "started") {
      version = message.version;
      onStart(version);
    } else if (message.type === "progress") onProgress(message);
    else {
      outcome = message.outcome;
      overdue = setTimeout(() => job.kill("SIGKILL"), END_MS);
    }
  }
  const end = await ended;
  clearTimeout(overdue);
  interrupt.removeEventListener("abort", onInterrupt);
  if (outcome === undefined) {
    return { status: "failed", runtime, reason: `its process ${end} before it told an outcome` };
  }
  if (end !== CLEAN_END) {
    return { status: "failed", runtime, reason: `its process ${end} after it told its outcome` };
  }
  return { status: "done", runtime, version, outcome };
}

const CLEAN_END = "exited with code 0";

/** How the process ended, in words; also when it could not be started. */
async function endOf(job: ReturnType<typeof spawn>): Promise<string> {
  try {
    const [code, signal] = (await once(job, "exit")) as [number | null, string | null];
    return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
  } catch (error) {
    return `could not be started (${(error as Error).message})`;
  }
}
