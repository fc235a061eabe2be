/**
 * A PID namespace for one worker, by `unshare` of util-linux: the kernel ends all that is in it with its first process. Owns the
 * command line, what its exit means, and whether this machine allows it as far as that can be known beforehand.
 *
 * `unshare` is the leader that the host has started. It holds SIGTERM off while it waits, and with it goes the first process
 * (`--kill-child`). That one is a shell: it collects whatever loses its parent in there, and a signal that it does not listen for
 * does nothing to it. The worker is process 2, so that SIGTERM ends it as usual.
 */
import { UnsupportedError } from "../errors.ts";
import type { LaunchCommand } from "../port/launcher.ts";
import type { Exit, Runtime } from "../port/runtime.ts";
import { readText } from "../read-text.ts";

export interface NamespaceEntry {
  /** Its path. */
  readonly unshare: string;
  /** It may make namespaces without one of users around them. */
  readonly isPrivileged: boolean;
}

/** The pid of the worker in its namespace. */
export const PID_INSIDE = 2;

/**
 * The program is run in a subshell, so that it is process 2, and the shell has its stderr closed to itself: it would write there
 * how the program ended. `exec` is not the last command, which some shells would take for their own.
 */
const INIT = 'exec 3>&2 2>/dev/null\n(exec "$@" 2>&3 3>&-)\nexit $?';

export function enterNamespace(
  program: readonly string[],
  { unshare, isPrivileged }: NamespaceEntry,
): LaunchCommand {
  const user = isPrivileged ? [] : ["--user", "--map-current-user"];
  const flags = [...user, "--pid", "--fork", "--kill-child", "--mount-proc"];
  return { file: unshare, args: [...flags, "/bin/sh", "-c", INIT, "reapool-init", ...program] };
}

/** The numbers of signals on Linux, from 1 on. */
const SIGNALS =
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS"
    .split(" ")
    .map((name) => `SIG${name}`);

/** How the worker ended: the shell tells of signal n by exit code 128 + n. */
export function exitInside(exit: Exit): Exit {
  const signal = exit.code === null ? undefined : SIGNALS[exit.code - 129];
  return signal === undefined ? exit : { ...exit, code: null, signal };
}

/** What `unshare` says on stderr when it fails; its exit code is 1. */
export const UNSHARE_FAILURE: RegExp = /^(?:\S*\/)?unshare: .*$/m;

const CAP_SYS_ADMIN = 21n;

/** @param status /proc/PID/status: whether its user may make namespaces and mount /proc. */
export function isPrivileged(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

/**
 * Whether a worker of this host would enter its namespace with the host's own rights.
 *
 * @throws UnsupportedError where none can be made: that, too, is known only when the kernel has been asked.
 */
export function assertNamespaces(runtime: Pick<Runtime, "readFile" | "pid">): boolean {
  const status = readText(runtime, `/proc/${runtime.pid}/status`);
  const mountinfo = readText(runtime, "/proc/self/mountinfo");
  if (status === undefined || mountinfo === undefined)
    throw lacking("it needs Linux and a readable /proc (in Deno, --allow-all)");
  const isForbidden = (file: string) => readText(runtime, `/proc/sys/${file}`)?.trim() === "0";
  if (isForbidden("user/max_pid_namespaces")) throw lacking("user.max_pid_namespaces is 0");
  if (isPrivileged(status)) return true;
  for (const file of ["user/max_user_namespaces", "kernel/unprivileged_userns_clone"])
    if (isForbidden(file))
      throw lacking(`the sysctl ${file.replace("/", ".")} is 0, and this process is not root`);
  const masked = maskedIn(mountinfo);
  if (masked !== undefined)
    throw lacking(
      `${masked} is masked, so that a user namespace may not mount another /proc: run the container with ` +
        "--security-opt systempaths=unconfined (Docker) or unmask=ALL (Podman)",
    );
  return false;
}

/** Something that is mounted over a part of /proc. The place of binfmt_misc is made for it, and counts for nothing. */
function maskedIn(mountinfo: string): string | undefined {
  const points = mountinfo.split("\n").map((line) => line.split(" ")[4] ?? "");
  return points.find((point) => point.startsWith("/proc/") && point !== "/proc/sys/fs/binfmt_misc");
}

export function lacking(why: string, cause?: unknown): UnsupportedError {
  return new UnsupportedError(
    `Cannot contain a worker in a "pid-namespace" (\`worker.containment\`): ${why}`,
    cause === undefined ? {} : { cause },
  );
}
