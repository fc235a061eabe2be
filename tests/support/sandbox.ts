/**
 * Surroundings that a test needs and this machine may not allow: namespaces of its own, another user. Each is a
 * command line that a program is put behind, or the reason why there is none.
 */
import { spawnSync } from "node:child_process";

/** What stands before a program's own command line; a string is why it can't be had. */
export type Wrapper = readonly string[] | string;

/** As PID 1 of a namespace with a /proc of its own: what a container is to its first process. */
export const pidNamespace: Wrapper = tried("unshare", "--pid", "--fork", "--kill-child", "--mount-proc");

/** With mounts of its own, after a script has changed them. */
export function mountNamespace(script: string): Wrapper {
  return tried("unshare", "--mount", "--propagation", "private", "sh", "-c", `${script} && exec "$@"`, "sh");
}

/** As a user without rights, who has not many processes yet. */
export const otherUser: Wrapper = tried("setpriv", "--reuid=61234", "--regid=61234", "--clear-groups");

/** As the user who has nothing. */
export const nobody: Wrapper = tried("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups");

const READING = "-sys_ptrace,-perfmon,-sys_admin";
/** As root who may end another user's process, but not read what it has in its environment. */
export const blindRoot: Wrapper = tried("setpriv", `--bounding-set=${READING}`, `--inh-caps=${READING}`);

/** With a limit, such as `--nofile=100`. */
export function limited(limit: string): Wrapper {
  return tried("prlimit", limit);
}

function tried(...command: [string, ...string[]]): Wrapper {
  const [file, ...args] = command;
  const { status, error, stderr } = spawnSync(file, [...args, "true"], { encoding: "utf8" });
  return status === 0 ? command : `${file} does not work here: ${(error?.message ?? stderr).trim()}`;
}
