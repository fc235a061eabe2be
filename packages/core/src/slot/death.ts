/**
 * The errors for a worker's end, with the likely cause in words. Pure: from what is known about the end to an error.
 * machine.ts decides when a worker counts as dead; workload.ts, which tasks fail with it.
 */
import {
  CrashLoopError,
  ProtocolError,
  type WorkerEnd,
  WorkerExitError,
  WorkerStartError,
} from "../errors.ts";
import { messageOf } from "../message-of.ts";
import type { Containment } from "../options/worker-options.ts";
import type { Exit } from "../port/runtime.ts";
import type { MachineState, StopReason } from "./machine.ts";
import { startHint } from "./start-hint.ts";

/** Everything an error may say about a dead worker. */
export interface Death extends WorkerEnd {
  readonly reason: StopReason;
  readonly error: unknown;
  readonly wasWarm: boolean;
  /** `startTimeout` was over before it was ready. */
  readonly wasLate: boolean;
  /** The uncaught error that ended it, as reported in its last frame. */
  readonly uncaught: unknown;
  /** The broadcast to later workers that failed in it. */
  readonly failedBroadcast: string | undefined;
  /** Who keeps its memory limit: in a cgroup the kernel, else the pool. Undefined when it never had options. */
  readonly containment: Containment | undefined;
}

/** A task that its worker had begun and did not answer. */
export interface LostTask {
  readonly name: string;
  readonly key: string | undefined;
  readonly id: number;
}

export type Witnessed = Omit<WorkerEnd, "exit"> & Pick<Death, "uncaught" | "failedBroadcast" | "containment">;

/** The death of a worker whose machine has reached `dead`. */
export function deathOf(state: MachineState, worker: Witnessed): Death {
  const { exit, reason, error, wasWarm, wasLate } = state;
  return { ...worker, exit: exit as Exit, reason: reason ?? "crash", error, wasWarm, wasLate };
}

/** The end of a process in whose place another is started: something had removed what it needed until it was ready. */
export function movedDeath(exit: Exit, worker: Witnessed): Death {
  const error = new Error(
    "Something removed the temporary folder with its socket while it started: it is started again with another",
  );
  return { ...worker, exit, reason: "start", error, wasWarm: false, wasLate: false };
}

/** The error that says more than the exit does, if any. */
function causeOf(death: Pick<Death, "error" | "uncaught">): unknown {
  return death.error ?? death.uncaught;
}

/** For a task it had started. @param others How many other tasks had begun and not ended. */
export function taskError(death: Death, task: string, others = 0): Error {
  if (death.reason === "protocol") {
    return death.error instanceof ProtocolError
      ? death.error
      : new ProtocolError(
          `${name(death)} closed its channel but went on running; it was killed during \`${task}\``,
          { task, pid: death.pid },
        );
  }
  return new WorkerExitError(
    `${name(death)} ${ended(death.exit)} while it ran \`${task}\`${beside(others)}${because(death)}${quote(death)}`,
    death,
    { task, likelyCause: likelyCauseOf(death), cause: causeOf(death) },
  );
}

/**
 * For the `exit` event; undefined when the pool meant it to end, and nothing went wrong in it meanwhile.
 *
 * @param tasks The tasks it had begun and not answered.
 */
export function endError(
  death: Death,
  tasks: readonly LostTask[],
  module: string,
  startTimeout: number,
): WorkerExitError | WorkerStartError | undefined {
  const isMeant = ORDERLY.includes(death.reason);
  if (isMeant && causeOf(death) === undefined) return undefined;
  if (!isMeant && !death.wasWarm && tasks.length === 0) return startError(death, module, startTimeout);
  const [first, ...others] = tasks;
  const when = first === undefined ? "" : ` while it ran \`${first.name}\`${beside(others.length)}`;
  return new WorkerExitError(
    `${name(death)} ${ended(death.exit)}${when}${because(death)}${quote(death)}`,
    death,
    { task: first?.name ?? "", likelyCause: likelyCauseOf(death), cause: causeOf(death) },
  );
}

/** The cause of a CrashLoopError: a worker was ready, and died without having completed a task. */
export function exitError(death: Death): WorkerExitError {
  return new WorkerExitError(
    `${name(death)} ${ended(death.exit)} before it completed a task${because(death)}${quote(death)}`,
    death,
    { task: "", likelyCause: likelyCauseOf(death), cause: causeOf(death) },
  );
}

/** For calls that waited for the worker to become ready. */
export function startError(death: Death, module: string, startTimeout: number): WorkerStartError {
  const { exit, error } = death;
  if (exit.error !== undefined) {
    return new WorkerStartError(
      `${name(death)} could not be started for ${module}: ${messageOf(exit.error)}`,
      death,
      { cause: exit.error },
    );
  }
  if (death.failedBroadcast !== undefined) {
    return new WorkerStartError(
      `${name(death)} could not run \`${death.failedBroadcast}\`, broadcast with \`later\`, before its first call: ` +
        `${messageOf(error)}${quote(death)}`,
      death,
      { cause: error },
    );
  }
  if (error !== undefined) {
    return new WorkerStartError(
      `${name(death)} could not load ${module}: ${messageOf(error)}${startHint(error)}${quote(death)}`,
      death,
      { cause: error },
    );
  }
  const what = death.wasLate
    ? `was not ready within ${startTimeout} ms (startTimeout) and was killed; does the module, or its \`setup\`, ever finish? One that exports a function \`then\` never does: \`import()\` calls it`
    : death.reason === "protocol"
      ? "closed its channel before it was ready and went on running; it was killed"
      : `${ended(exit)} before it was ready${because(death)}`;
  return new WorkerStartError(`${name(death)} ${what} (${module})${quote(death)}`, death, {
    cause: death.uncaught,
  });
}

/** For calls that wait while workers keep dying through no call's fault. @param last The death that exceeded the limit. */
export function crashLoop(
  last: Error,
  { intensity, period }: { readonly intensity: number; readonly period: number },
): CrashLoopError {
  return new CrashLoopError(
    `Workers died more than ${intensity} times, in a row or within ${period} ms, before they were ready, or while idle ` +
      `before their first completed call; the pool tries another after each back-off. Last: ${last.message}`,
    { cause: last },
  );
}

const ORDERLY: readonly StopReason[] = ["closed", "terminated", "idle", "recycled", "restarted", "resized"];

/** Of an end that the pool did not mean; empty otherwise. */
export function whyItEnded(death: Death): string {
  return ORDERLY.includes(death.reason) ? "" : likelyCauseOf(death);
}

/** The highest named signal. A shell turns death by signal n into exit code 128 + n. */
const LAST_SIGNAL = 31;

/** The likely cause, judging by exit status, stderr and what the pool itself did. */
export function likelyCauseOf({
  exit,
  stderr,
  reason,
  uncaught,
  containment,
}: Pick<Death, "exit" | "stderr" | "reason"> & Partial<Pick<Death, "uncaught" | "containment">>): string {
  if (reason === "timeout")
    return `the pool ${made(exit)} because a task in it ran over its timeout and did not stop`;
  if (reason === "protocol") return "the pool killed it because it violated the protocol";
  if (reason === "hung") return "the pool killed it because it answered no ping for its hangTimeout";
  if (reason === "lease") return "it was killed because its host gave no sign of life for its worker.lease";
  if (reason === "memory") {
    return containment === "cgroup"
      ? "the kernel killed it because it and what it had started were over its worker.limits.memory"
      : "the pool killed it because it was over its worker.limits.memory";
  }
  if (reason === "aborted") return `the pool ${made(exit)} because an aborted task in it did not stop`;
  if (
    /JavaScript out of memory|heap out of memory|allocation failed|RangeError: Out of memory/i.test(stderr)
  ) {
    return "the JavaScript heap was full; give it more memory through `worker.execArgv`, or less work at a time";
  }
  if (uncaught !== undefined) return `uncaught: ${messageOf(uncaught)}`;
  switch (exit.signal) {
    case "SIGKILL":
      return "likely out of memory (the kernel kills the largest process), or a SIGKILL from outside the pool";
    case "SIGTERM":
    case "SIGINT":
    case "SIGHUP":
      return `a ${exit.signal} from outside the pool`;
    case "SIGSEGV":
    case "SIGBUS":
    case "SIGILL":
    case "SIGFPE":
      return "likely a fault in native code, such as an addon";
    case "SIGABRT":
    case "SIGTRAP":
      return "likely a failed assertion in native code, or `process.abort()`";
    case null:
      break;
    default:
      return "";
  }
  if (exit.code === 0) return "the module likely called `process.exit()`";
  if (exit.code !== null && exit.code > 128 && exit.code <= 128 + LAST_SIGNAL) {
    return `likely a signal, number ${exit.code - 128}, that a wrapper process turned into an exit code`;
  }
  return stderr === "" ? "" : "likely an uncaught error; see stderr";
}

/** One that listens to SIGTERM may end as it likes. */
function made({ signal }: Exit): string {
  return signal === "SIGKILL" ? "killed it" : "sent it SIGTERM";
}

function because(death: Death): string {
  const cause = likelyCauseOf(death);
  return cause === "" ? "" : `; ${cause}`;
}

function beside(others: number): string {
  return others === 0 ? "" : `, and ${others} more: any of these may be the cause`;
}

function name(death: WorkerEnd): string {
  return death.pid === undefined ? `Worker ${death.workerId}` : `Worker ${death.workerId} (pid ${death.pid})`;
}

function ended(exit: Exit): string {
  return exit.signal === null ? `exited with code ${exit.code}` : `was killed by ${exit.signal}`;
}

/** Node prints the message of an uncaught error about 16 lines above the end. */
const QUOTED_LINES = 20;

/** The last lines of stderr, below the sentence. */
function quote(death: WorkerEnd): string {
  if (death.stderr === "") return "";
  return `\n  stderr: ${death.stderr.split("\n").slice(-QUOTED_LINES).join("\n          ")}`;
}
