/** Runs a subject: a fresh process in a runtime, with a deadline, leaving nothing of it behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { ROOT, type Runtime } from "@reapool/measuring/runtimes";
import { sourceEnvironment } from "@reapool/runtimes";
import { mergeReports, REPORT_MARK, type Report } from "./report.ts";

const STDERR_KEPT = 4_000;
/** Finds the cause in the output of a dying runtime. */
const ERROR_LINE = /^(?:\w+: )?(?:\w*(?:Error|Message|Exception)\b.*|error: .*|panic.*)$/m;

export interface SubjectOptions {
  readonly runtime: Runtime;
  /** The program and its arguments. */
  readonly args: readonly string[];
  /** Added to this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly source: boolean;
  readonly temporary: string;
  /** In ms. */
  readonly deadline: number;
}

/** Allows garbage collection before memory is read; workers inherit it, and never use it. */
const DENO = { DENO_NO_UPDATE_CHECK: "1", DENO_V8_FLAGS: "--expose-gc" };

/** The leaders of the running groups; each dies with this program. */
const running = new Set<number>();

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // the group is empty
  }
}

process.on("exit", () => running.forEach(endGroup));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

export function runSubject(options: SubjectOptions): Promise<Report> {
  const { runtime, args, deadline } = options;
  const subject = spawn(runtime.executable, [...runtime.flags, ...args], {
    cwd: ROOT,
    env: environmentOf(options),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // its own group: what a peer leaves behind ends with it
  });
  const { pid } = subject;
  if (pid !== undefined) running.add(pid);
  const output = collect(subject);
  return new Promise((resolve) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      if (pid !== undefined) endGroup(pid);
    }, deadline);
    const end = (failure: string | undefined) => {
      clearTimeout(timer);
      if (pid !== undefined) {
        endGroup(pid);
        running.delete(pid);
      }
      const { reports, causeOfDeath } = output();
      const cause = failure === undefined ? {} : { failure: `${failure}${causeOfDeath}` };
      resolve(mergeReports([...reports, cause], tidy));
    };
    subject.on("error", (error) => end(error.message));
    // Not "close": a worker that a peer has left behind holds the streams open.
    subject.on("exit", (code, signal) =>
      setImmediate(() => {
        if (isLate) end(`nothing after ${deadline / 1_000} s`);
        else end(code === 0 ? undefined : `ended by ${signal ?? `exit code ${code}`}`);
      }),
    );
  });
}

function collect(subject: ChildProcess): () => { reports: Partial<Report>[]; causeOfDeath: string } {
  let stdout = "";
  let stderr = "";
  subject.stdout?.on("data", (text) => {
    stdout += text;
  });
  subject.stderr?.on("data", (text) => {
    stderr = `${stderr}${text}`.slice(-STDERR_KEPT);
  });
  return () => {
    const lines = stdout.split("\n").filter((line) => line.startsWith(REPORT_MARK));
    const cause = ERROR_LINE.exec(stderr)?.[0];
    return {
      reports: lines.map((line) => JSON.parse(line.slice(REPORT_MARK.length))),
      causeOfDeath: cause === undefined ? "" : `: ${cause}`,
    };
  };
}

const MESSAGE_KEPT = 200;

/** The first line, without paths of this machine. */
function tidy(text: string): string {
  const [line = ""] = text.trim().split("\n");
  const short = line.replaceAll(`file://${ROOT}`, "").replaceAll(ROOT, "");
  return short.length > MESSAGE_KEPT ? `${short.slice(0, MESSAGE_KEPT)} …` : short;
}

/** Without this program's own conditions: the packages are measured as they are installed. */
function environmentOf({ source, temporary, environment = {} }: SubjectOptions): NodeJS.ProcessEnv {
  const inherited: NodeJS.ProcessEnv = { ...process.env };
  for (const name of Object.keys(sourceEnvironment)) delete inherited[name];
  const own = { ...DENO, TMPDIR: temporary, ...environment };
  if (!source) return { ...inherited, ...own };
  const options = [sourceEnvironment.NODE_OPTIONS, environment.NODE_OPTIONS].join(" ").trim();
  return { ...inherited, ...own, ...sourceEnvironment, NODE_OPTIONS: options };
}
