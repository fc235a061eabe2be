/**
 * How a worker's process is put where the kernel can end all of it: the command line that its own is put behind. PURE.
 * Owns the order: the group or the namespace first, which may take root's rights, then the worker's user, then its program.
 * What this machine allows is cgroup-place.ts and namespace.ts; what a worker inherits besides is slot/worker-command.ts.
 */
import type { LaunchCommand } from "../port/launcher.ts";
import { type CgroupEntry, enterCgroup } from "./cgroup-script.ts";
import { enterNamespace, type NamespaceEntry } from "./namespace.ts";

/** Whom it runs as, where the host has to be left for that after the entry. */
export interface OtherUser {
  readonly uid: number;
  readonly gid: number;
  /** The path of `setpriv`. */
  readonly setpriv: string;
}

export type Entry =
  | ({ readonly kind: "cgroup" } & CgroupEntry)
  | ({ readonly kind: "pid-namespace" } & NamespaceEntry);

/** @param user Undefined: the runtime starts it as its user, or it has none of its own. */
export function enclosed(inner: LaunchCommand, entry: Entry, user: OtherUser | undefined): LaunchCommand {
  const program = [...(user === undefined ? [] : becoming(user)), inner.file, ...inner.args];
  return entry.kind === "cgroup" ? enterCgroup(program, entry) : enterNamespace(program, entry);
}

/** As the runtimes do it: with no group of root's. */
function becoming({ uid, gid, setpriv }: OtherUser): string[] {
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"];
}
