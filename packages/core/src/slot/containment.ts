/**
 * The containment of one worker in a control group or a PID namespace, from its start to its end: how it gets in, which pid it
 * has, what its exit means, what is ended with it. What has left the group at the other levels is reaping/process-group.ts.
 */

import { CGROUP_FAILURE } from "../containment/cgroup-script.ts";
import { enclosed } from "../containment/enclosure.ts";
import { controllersFor, settingsFor } from "../containment/limits.ts";
import { exitInside, isPrivileged, lacking, UNSHARE_FAILURE } from "../containment/namespace.ts";
import { UnsupportedError } from "../errors.ts";
import type { HostProcess } from "../host/host-process.ts";
import type { Containment, ResolvedWorkerOptions } from "../options/worker-options.ts";
import type { LaunchCommand } from "../port/launcher.ts";
import { type Exit, failedStart } from "../port/runtime.ts";
import { readText } from "../read-text.ts";
import type { MachineState } from "./machine.ts";
import { outerPid } from "./outer-pid.ts";

/** What a start makes of the command line, and of what the process does then. */
export interface Contained {
  /** The program's command line becomes this one. */
  readonly command: (program: LaunchCommand) => LaunchCommand;
  /** The program takes its user itself, after it has entered. */
  readonly takesUser: boolean;
  /** Its own pid, when it has connected; left out where it is what was started. */
  readonly pid?: (leader: number | undefined) => number | undefined;
  /** Its own, if it has one. */
  readonly cgroup?: { readonly cgroup: string };
  /** Call once when it has ended. */
  readonly ended: (exit: Exit) => { readonly exit: Exit; readonly outOfMemory?: Error | undefined };
}

/** Undefined where the process needs no more than its group. */
export function containmentOf(
  host: HostProcess,
  { containment, limits, means, uid, gid }: ResolvedWorkerOptions,
): Contained | undefined {
  const { setpriv } = means;
  const user =
    setpriv === undefined || uid === undefined || gid === undefined ? undefined : { uid, gid, setpriv };
  if (containment === "cgroup" && means.base !== undefined && means.mkdir !== undefined) {
    const parent = host.cgroups.parentIn(means.base);
    const name = String(host.marks.next());
    const folder = `${parent}/${name}`;
    const group = {
      ...({ kind: "cgroup", parent, name, mkdir: means.mkdir } as const),
      ...{ controllers: controllersFor(limits), settings: settingsFor(limits) },
    };
    return {
      command: (program) => enclosed(program, group, user),
      takesUser: user !== undefined,
      cgroup: { cgroup: name },
      ended: (exit) => {
        const isAtLimit = Number.isFinite(limits.memory) && host.cgroups.wasOutOfMemory(folder);
        host.cgroups.end(folder);
        return { exit, outOfMemory: isAtLimit ? outOfMemory(limits.memory) : undefined };
      },
    };
  }
  if (containment === "pid-namespace" && means.unshare !== undefined) {
    const { runtime } = host;
    const mayUnshare = isPrivileged(readText(runtime, `/proc/${runtime.pid}/status`) ?? "");
    const takesUser = mayUnshare && user !== undefined;
    const namespace = { kind: "pid-namespace", unshare: means.unshare, isPrivileged: mayUnshare } as const;
    return {
      command: (program) => enclosed(program, namespace, takesUser ? user : undefined),
      takesUser,
      pid: (leader) => (leader === undefined ? undefined : outerPid(runtime, leader)),
      ended: (exit) => ({ exit: exitInside(exit) }),
    };
  }
  return undefined;
}

/** The limit that is looked at now and then; the kernel keeps that of a cgroup. */
export function sampledMemory(worker: ResolvedWorkerOptions | undefined): number {
  if (worker === undefined || worker.containment === "cgroup") return Number.POSITIVE_INFINITY;
  return worker.limits.memory;
}

function outOfMemory(limit: number): Error {
  return new Error(
    `It and what it had started used more than its worker.limits.memory of ${Math.round(limit / 2 ** 20)} MiB: the kernel ended it`,
  );
}

/** The end of a worker that could not be contained is a start that failed, and the error says why. PURE. */
export function withContainmentError(
  state: MachineState,
  worker: Pick<ResolvedWorkerOptions, "containment"> | undefined,
  stderr: string,
): MachineState {
  const { exit, wasReady } = state;
  if (wasReady || worker === undefined || exit === undefined) return state;
  const error = containmentError(worker.containment, exit, stderr);
  return error === undefined ? state : { ...state, exit: failedStart(error) };
}

/** Why a worker that was never ready could not be contained; undefined where that was not the reason. */
function containmentError(
  containment: Containment,
  { code }: Exit,
  stderr: string,
): UnsupportedError | undefined {
  if (containment === "pid-namespace" && code === 1) {
    const said = UNSHARE_FAILURE.exec(stderr)?.[0];
    return said === undefined ? undefined : lacking(`${said}. ${HOW_TO_GET_ONE}`);
  }
  if (containment === "cgroup" && code === 126 && stderr.includes(CGROUP_FAILURE))
    return new UnsupportedError(
      `Cannot contain a worker in a "cgroup" (\`worker.containment\`): ${stderr.trim()}`,
    );
  return undefined;
}

const HOW_TO_GET_ONE =
  "It needs root with CAP_SYS_ADMIN, or user namespaces: a container's seccomp profile or an AppArmor rule may forbid them " +
  "(kernel.apparmor_restrict_unprivileged_userns), and `unshare` must be that of util-linux";
