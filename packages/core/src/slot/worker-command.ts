/**
 * How the process of one worker is started: the launcher's command line in the surroundings the options ask for.
 * PURE. Owns what a worker inherits over exec: its umask, its niceness, whether SIGCHLD is ignored. Does not own
 * the command line (launcher) nor the start (reaping/process-group.ts).
 *
 * The three are set by a shell that then becomes the program: the pid stays, and so does the leader of the group.
 * Where none is asked for there is no shell. What can't be had fails the start with exit code 126 and says why on
 * stderr; nothing is left out in silence.
 */

import type { OutputMode, SigchldMode } from "../options/worker-options.ts";
import type { LaunchCommand } from "../port/launcher.ts";
import type { Command } from "../port/runtime.ts";

export interface WorkerSurroundings {
  readonly cwd: string | undefined;
  readonly stdout: OutputMode;
  readonly sigchld: SigchldMode;
  /** Added to the host's own, as by `nice -n`. Below 0 it takes the right to, also of the user in `uid`. */
  readonly niceness: number | undefined;
  /** From 0 to 0o777. */
  readonly umask: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/** stderr always passes through the host: the end of it is in the error when the worker dies. */
export function workerCommand(
  command: LaunchCommand,
  worker: WorkerSurroundings,
  env: Command["env"],
): Command {
  const { cwd, stdout, uid, gid } = worker;
  return {
    ...prepared(command, worker),
    env,
    cwd,
    uid,
    gid,
    stdout: stdout === "capture" ? "pipe" : stdout,
    stderr: "pipe",
  };
}

function prepared({ file, args }: LaunchCommand, worker: WorkerSurroundings): LaunchCommand {
  const steps = [
    ...(worker.umask === undefined ? [] : [`umask ${worker.umask.toString(8).padStart(4, "0")}`]),
    ...(worker.niceness === undefined ? [] : nice(worker.niceness)),
    ...(worker.sigchld === "ignore" ? [IGNORE_SIGCHLD] : []),
  ];
  if (steps.length === 0) return { file, args };
  return {
    file: "/bin/sh",
    args: ["-c", [...steps, 'exec "$@"'].join("\n"), "reapool-worker", file, ...args],
  };
}

/** A refusal is a warning to GNU's, which runs the program all the same: so it is tried first. */
function nice(niceness: number): string[] {
  const become = `set -- nice -n ${niceness} "$@"`;
  if (niceness >= 0) return [become];
  const refusal = `echo "this user may not have a niceness of ${niceness}" >&2; exit 126`;
  return [`[ -z "$(nice -n ${niceness} true 2>&1)" ] || { ${refusal}; }`, become];
}

/**
 * With SIGCHLD ignored, which is inherited over exec, the kernel collects what the program starts, and none of it
 * is ever a zombie.
 *
 * Bash gets `--norc -p`, so that it reads nobody's start-up files. Dash and busybox can't be that shell: they set
 * their own handler, which exec turns into the default [tried]. To `env` a path with an equals sign would be a
 * variable, so it starts the program through `nice`, which leaves everything as it is.
 */
const IGNORE_SIGCHLD = `
if command -v bash >/dev/null; then set -- bash --norc -p -c 'trap "" CHLD; exec "$@"' reapool-worker "$@"
else set -- env --ignore-signal=CHLD nice -n 0 "$@"
fi`.trim();
