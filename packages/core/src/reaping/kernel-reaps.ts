/**
 * A command that runs with SIGCHLD ignored: the kernel then collects what it starts, and none of it is ever a
 * zombie. Ignoring is inherited over exec, so a shell sets it and becomes the program.
 *
 * Bash gets `--norc -p`, so that it reads nobody's start-up files. Dash and busybox can't be that shell: they set
 * their own handler, which exec turns into the default [tried].
 */
import type { LaunchCommand } from "../port/launcher.ts";

const SCRIPT = `
if command -v bash >/dev/null; then exec bash --norc -p -c 'trap "" CHLD; exec "$@"' reapool-sigchld "$@"; fi
exec env --ignore-signal=CHLD "$@"
`;

export function withKernelReaping({ file, args }: LaunchCommand): LaunchCommand {
  return { file: "/bin/sh", args: ["-c", SCRIPT, "reapool-sigchld", file, ...args] };
}
