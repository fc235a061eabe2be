/**
 * What ends with a worker, and how this machine does that: the levels of `worker.containment`, and what each of the stronger
 * ones needs. Owns that an option that can't be had throws where the pool is made; the reasons are those of cgroup-place.ts and
 * namespace.ts.
 */
import { UnsupportedError } from "../errors.ts";
import type { Runtime } from "../port/runtime.ts";
import { cgroupBase } from "./cgroup-place.ts";
import { controllersFor, type Limits } from "./limits.ts";
import { assertNamespaces } from "./namespace.ts";
import { findTool } from "./tools.ts";

/** What ends with a worker, and what ends it. */
export type Containment = "tree" | "group" | "cgroup" | "pid-namespace";

/** Found where the pool is made, and used at each start. */
export interface Means {
  /** In which the cgroups are made. */
  readonly base: string | undefined;
  readonly mkdir: string | undefined;
  readonly unshare: string | undefined;
  readonly setpriv: string | undefined;
}

/** All of them, so that none is read of `Object.prototype`. */
const NONE: Means = Object.freeze({
  base: undefined,
  mkdir: undefined,
  unshare: undefined,
  setpriv: undefined,
});

/** @throws UnsupportedError that says what is missing, and how to get it. */
export function meansFor(
  level: Containment,
  limits: Limits,
  uid: number | undefined,
  runtime: Pick<Runtime, "capabilities" | "readFile" | "openFile" | "environment" | "fileAt" | "pid">,
): Means {
  if (level === "group") return NONE;
  if (level === "tree") {
    if (runtime.capabilities.processTrees) return NONE;
    throw new UnsupportedError(
      'Cannot contain a worker as a "tree": what has left its group is found in /proc, on Linux alone. ' +
        'Set `worker.containment` to "group", which is the default here',
    );
  }
  const tool = (name: string, other = "") =>
    findTool(runtime, name, `\`worker.containment: "${level}"\`${other}`);
  const setpriv = () => (uid === undefined ? undefined : tool("setpriv", " with `worker.uid`"));
  if (level === "cgroup")
    return {
      ...NONE,
      base: cgroupBase(runtime, controllersFor(limits)),
      mkdir: tool("mkdir"),
      setpriv: setpriv(),
    };
  const isPrivileged = assertNamespaces(runtime);
  return { ...NONE, unshare: tool("unshare"), setpriv: isPrivileged ? setpriv() : undefined };
}
