/**
 * The command that starts one worker's process: the launcher's command line in the environment the options ask for.
 * PURE. Owns what a worker inherits over exec: its umask, its niceness, whether SIGCHLD is ignored. Does not own the
 * command line (launcher) or the start (reaping/process-group.ts).
 *
 * A shell sets these three and then becomes the program by `exec`: the pid stays, and with it the group leader. Without any
 * of them there is no shell. A setting that can't be applied fails the start with exit code 126 and says why on stderr;
 * none is silently skipped.
 */

import { isCaptured, type OutputMode, type SigchldMode } from "../options/worker-options.ts";
import type { LaunchCommand } from "../port/launcher.ts";
import type { Command } from "../port/runtime.ts";
import type { Contained } from "./containment.ts";

export interface WorkerSurroundings {
  readonly cwd: string | undefined;
  readonly stdout: OutputMode;
  readonly isStdoutRead: boolean;
  readonly sigchld: SigchldMode;
  /** Added to the host's own, like `nice -n`. Below 0 it requires the privilege to do so, also for the user in `uid`. */
  readonly niceness: number | undefined;
  /** From 0 to 0o777. */
  readonly umask: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

/**
 * stderr always passes through the host, because its end is part of the error when the worker dies.
 *
 * @param contained Where more than its process group ends with it.
 */
export function workerCommand(
  command: LaunchCommand,
  worker: WorkerSurroundings,
  env: Command["env"],
  contained?: Pick<Contained, "command" | "takesUser">,
): Command {
  const { cwd, stdout, isStdoutRead, uid, gid } = worker;
  const program = prepared(command, worker);
  return {
    ...(contained === undefined ? program : contained.command(program)),
    env,
    clearEnv: uid !== undefined,
    cwd,
    ...(contained?.takesUser === true ? {} : { uid, gid }),
    stdout: isStdoutRead || isCaptured(stdout) ? "pipe" : stdout,
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

/** GNU nice only warns when it lacks the privilege, and runs the program anyway: so it is tried first. */
function nice(niceness: number): string[] {
  const become = `set -- nice -n ${niceness} "$@"`;
  if (niceness >= 0) return [become];
  const failure = `echo "this user may not have a niceness of ${niceness}" >&2; exit 126`;
  return [`[ -z "$(nice -n ${niceness} true 2>&1)" ] || { ${failure}; }`, become];
}

/**
 * With SIGCHLD ignored, which is inherited over exec, the kernel reaps what the program starts, and none of it ever becomes
 * a zombie.
 *
 * Bash gets `--norc -p`, so that it reads no start-up files. Dash and busybox can't be that shell: they set their own
 * handler, which exec resets to the default [tried]. `env` would take a path with an equals sign for a variable, so it
 * starts the program through `nice`, which changes nothing.
 */
const IGNORE_SIGCHLD = `
if command -v bash >/dev/null; then set -- bash --norc -p -c 'trap "" CHLD; exec "$@"' reapool-worker "$@"
else set -- env --ignore-signal=CHLD nice -n 0 "$@"
fi`.trim();
