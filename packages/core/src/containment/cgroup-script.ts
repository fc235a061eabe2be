/**
 * What is done to control groups in a POSIX shell (run here in dash, bash and busybox): how a worker enters one, and how the
 * guard ends one. PURE. Where they are is cgroup-place.ts; when one ends, reaping/cgroups.ts.
 */
import type { LaunchCommand } from "../port/launcher.ts";
import type { Setting } from "./limits.ts";

export interface CgroupEntry {
  /** Where this host's workers have theirs, in a folder that exists. */
  readonly parent: string;
  /** The worker's own, in there; nobody has it yet. */
  readonly name: string;
  readonly controllers: readonly string[];
  readonly settings: readonly Setting[];
  /** The path of `mkdir`. */
  readonly mkdir: string;
}

/** What stands before the reason on stderr; the exit code is 126. */
export const CGROUP_FAILURE = "reapool: this worker's cgroup can't be made or entered";

/**
 * Makes the group, sets its limits, enters it and becomes the program: the pid stays, and with it the group leader. The host's
 * cgroup is left before anything of the worker's runs.
 */
export function enterCgroup(program: readonly string[], entry: CgroupEntry): LaunchCommand {
  const { parent, name, controllers, settings, mkdir } = entry;
  const base = parent.slice(0, parent.lastIndexOf("/"));
  const own = `${parent}/${name}`;
  const enable = controllers.map((controller) => `+${controller}`).join(" ");
  const steps = [
    `[ -d ${quote(parent)} ] || ${quote(mkdir)} -p -m 755 ${quote(parent)}`, // the host may have any umask
    ...(enable === "" ? [] : [base, parent].map((of) => write(enable, `${of}/cgroup.subtree_control`))),
    `${quote(mkdir)} -m 755 ${quote(own)}`,
    ...settings.map(({ file, value, isOptional }) => {
      const path = `${own}/${file}`;
      return isOptional ? `{ [ ! -e ${quote(path)} ] || ${write(value, path)}; }` : write(value, path);
    }),
    write("0", `${own}/cgroup.procs`), // the shell itself
  ];
  const script = `{ ${steps.join(" &&\n")}; } || { echo ${quote(CGROUP_FAILURE)} >&2; exit 126; }\nexec "$@"`;
  return { file: "/bin/sh", args: ["-c", script, "reapool-worker", ...program] };
}

function write(value: string, path: string): string {
  return `echo ${quote(value)} > ${quote(path)}`;
}

/** As one word of a shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** So often the guard tries, with this many seconds in between: what is killed goes at once, unless it is stuck in the kernel. */
const MAX_TRIES = 60;
const PAUSE_S = "0.02";

/**
 * Functions for the guard. `end_cgroup FOLDER` kills all that is in this group and in those below it, and removes them: a group
 * can be removed when nothing in it lives, so that is also how it is known. A kernel before 5.14 has no `cgroup.kill`: there
 * each process is killed, again and again. Numbers of processes that this namespace can't see are 0.
 */
export const END_CGROUP_SCRIPT: string = `
kill_each() {
  while read -r pid; do
    case $pid in ''|*[!0-9]*|0|1) ;; *) kill -s KILL "$pid" ;; esac
  done < "$1/cgroup.procs"
  for below in "$1"/*/; do
    [ -d "$below" ] && kill_each "\${below%/}"
  done
}
remove_cgroup() {
  for below in "$1"/*/; do
    [ -d "$below" ] && remove_cgroup "\${below%/}"
  done
  rmdir "$1"
}
kill_cgroup() {
  if [ -e "$1/cgroup.kill" ]; then echo 1 > "$1/cgroup.kill"
  else kill_each "$1"
  fi
}
end_cgroup() (
  set +f
  tries=0
  while [ -e "$1/cgroup.procs" ] && [ $tries -lt ${MAX_TRIES} ]; do
    [ $tries -eq 0 ] || sleep ${PAUSE_S} || sleep 1
    tries=$((tries + 1))
    kill_cgroup "$1"
    remove_cgroup "$1"
  done
) 2>/dev/null
`;
