/**
 * The options of one worker: how its process is started and what it may use. The pool's own options are in
 * pool-options.ts.
 */
import { LEAST_CPUS, type Limits } from "../containment/limits.ts";
import { type Containment, type Means, meansFor } from "../containment/means.ts";
import { UnsupportedError } from "../errors.ts";
import type { Launcher } from "../port/launcher.ts";
import { MAX_TIMER_MS, type Runtime } from "../port/runtime.ts";
import { OptionReader } from "./option-reader.ts";

export type OutputMode = "inherit" | "ignore" | "capture" | "chunks";

export type { Containment };

export interface WorkerLimits {
  /**
   * The most resident memory its process may use, in bytes; checked ten times a second while it runs tasks. Above it
   * the worker is killed, and its tasks reject with a WorkerExitError that says so. Needs a readable /proc. With
   * `containment: "cgroup"` it is the most that it and all it has started may use together, and the kernel keeps it. Default:
   * none.
   */
  memory?: number | undefined;
  /**
   * The most processes and threads that it and all it has started may have at once: a runtime alone has 10 to 30. What would be
   * one more can't be started. Needs `containment: "cgroup"`. Default: none.
   */
  processes?: number | undefined;
  /**
   * The most processors that it and all it has started may use at once, by time: 0.5 is half of one. Needs
   * `containment: "cgroup"`. Default: none.
   */
  cpus?: number | undefined;
}

export interface WorkerOptions {
  /** How its process is started. Default: this runtime's own. */
  launcher?: Launcher | undefined;
  /**
   * Merged over the environment it inherits from the host; undefined removes a variable. With `uid` it inherits only what
   * belongs to nobody, such as PATH, LANG and TZ: HOME and secrets stay with the host unless they are given here.
   */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Its working folder. Default: the host's. */
  cwd?: string | undefined;
  /** Flags for its runtime, such as `--max-old-space-size=512`. Default: the host's own, where worker and host are both Node or both Bun. */
  execArgv?: readonly string[] | undefined;
  /** Arguments that the module finds in `process.argv`. Default: none. */
  argv?: readonly string[] | undefined;
  /** Passed to the module's `setup`. A value that can't be sent throws where the pool is made, or fails the start if `worker` is a function. */
  data?: unknown;
  /** `"capture"` turns lines into `stdout` events, `"chunks"` the bytes as they come. A call's `onOutput` has them in any case. Default `"inherit"`. */
  stdout?: OutputMode | undefined;
  /** Like `stdout`. The last 8 KiB are kept in any case, for the error when the worker dies. */
  stderr?: OutputMode | undefined;
  /**
   * `"ignore"` starts it with SIGCHLD ignored, so that the kernel itself reaps its children: for a foreign program
   * that starts processes and never waits for them. Needs `bash`, or an `env` that supports `--ignore-signal`. Not
   * for workers that run in Node, which resets it at its start, nor in Bun or Deno, which would lose the exits of
   * their children. Default `"default"`.
   */
  sigchld?: SigchldMode | undefined;
  /**
   * What ends with it, whatever ends it, within a second: `"tree"` is all that it has started, also what has left its process
   * group or session or has become a daemon, and needs Linux; `"group"` is its process group. `"cgroup"` and `"pid-namespace"`
   * are all, kept by the kernel, so that nothing gets away: the one needs a cgroup v2 that the host may write to, the other
   * `unshare` of util-linux, and root or user namespaces. Default: `"tree"` on Linux, `"group"` elsewhere.
   */
  containment?: Containment | undefined;
  /** What it may use. Default: no limits. */
  limits?: WorkerLimits | undefined;
  /**
   * So long the host may give no sign of life while calls run in the worker, in ms, from 1000; then the worker is killed with
   * all that ends with it, and its calls reject with a WorkerExitError. For calls that another host may take over when this
   * one is stopped. A host whose event loop is blocked gives none either: the lease must be longer than its longest
   * computation. It is kept by a shell beside the worker, at the latest a second later, and only while calls run. Default: none.
   */
  lease?: number | undefined;
  /** Added to the host's own niceness, -20 to 19; below 0 it needs the privilege to do so. Default: the host's. */
  niceness?: number | undefined;
  /** The permission bits removed from files it creates, 0 to 0o777. Default: the host's. */
  umask?: number | undefined;
  /**
   * The user it runs as; needs a host that is root. The user must be able to read the module and its runtime.
   * Default: the host's.
   */
  uid?: number | undefined;
  /** The group it runs as; requires `uid`. Default: the host's. */
  gid?: number | undefined;
}

/** The slot that a worker is about to fill: the argument of a `worker` function. */
export interface WorkerSeat {
  /** Its id, from 1 to `maxWorkers`. */
  readonly id: number;
}

export interface ResolvedWorkerOptions {
  readonly launcher: Launcher;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly argv: readonly string[];
  readonly data: unknown;
  readonly stdout: OutputMode;
  readonly stderr: OutputMode;
  readonly sigchld: SigchldMode;
  readonly containment: Containment;
  readonly means: Means;
  readonly limits: Limits;
  readonly lease: number | undefined;
  readonly niceness: number | undefined;
  readonly umask: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export type SigchldMode = "default" | "ignore";

/** Below it, a machine that is merely busy would be taken for a host that is stopped. */
const LEAST_LEASE_MS = 1_000;

/** Above it Deno would run the process as root, where Node and Bun reject it. */
const MAX_ID = 2 ** 31 - 1;

/** What it writes becomes events. */
export function isCaptured(mode: OutputMode): mode is "capture" | "chunks" {
  return mode === "capture" || mode === "chunks";
}

const OUTPUT_MODES: readonly OutputMode[] = ["inherit", "ignore", "capture", "chunks"];

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveWorker(input: unknown, runtime: Runtime): ResolvedWorkerOptions {
  const worker = new OptionReader("worker.", input, [
    "launcher",
    "env",
    "cwd",
    "execArgv",
    "argv",
    "data",
    "stdout",
    "stderr",
    "sigchld",
    "containment",
    "limits",
    "lease",
    "niceness",
    "umask",
    "uid",
    "gid",
  ]);
  const uid = worker.optionalInteger("uid", 0, MAX_ID);
  const gid = worker.optionalInteger("gid", 0, MAX_ID);
  if ((uid === undefined) !== (gid === undefined)) {
    throw new TypeError("Expected `worker.uid` and `worker.gid` to be given together, received one of them");
  }
  const weaker = runtime.capabilities.processTrees
    ? (["tree", "group"] as const)
    : (["group", "tree"] as const);
  const containment = worker.oneOf("containment", [...weaker, "cgroup", "pid-namespace"]);
  const limits = resolveLimits(worker.get("limits"), containment, runtime);
  const lease = worker.optionalInteger("lease", LEAST_LEASE_MS, MAX_TIMER_MS);
  if (lease !== undefined && !runtime.capabilities.processGroups)
    throw new UnsupportedError(
      "Cannot keep `worker.lease`: it needs process groups, which this system does not have",
    );
  return Object.freeze({
    launcher: worker.launcher("launcher", runtime.launcher),
    env: worker.environment("env"),
    cwd: worker.path("cwd"),
    execArgv: worker.strings("execArgv"),
    argv: worker.strings("argv") ?? Object.freeze([]),
    data: worker.get("data"),
    stdout: worker.oneOf("stdout", OUTPUT_MODES),
    stderr: worker.oneOf("stderr", OUTPUT_MODES),
    sigchld: worker.oneOf("sigchld", ["default", "ignore"]),
    containment,
    means: Object.freeze(meansFor(containment, limits, uid, runtime)),
    limits,
    lease,
    niceness: worker.optionalInteger("niceness", -20, 19),
    umask: worker.optionalInteger("umask", 0, 0o777),
    uid,
    gid,
  });
}

function resolveLimits(input: unknown, containment: Containment, runtime: Runtime): Limits {
  const reader = new OptionReader("worker.limits.", input, ["memory", "processes", "cpus"]);
  const limits = {
    memory: reader.count("memory", Number.POSITIVE_INFINITY),
    processes: reader.count("processes", Number.POSITIVE_INFINITY),
    cpus: reader.number("cpus", LEAST_CPUS, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
  };
  if (containment === "cgroup") return Object.freeze(limits); // the kernel keeps them
  for (const name of ["processes", "cpus"] as const) {
    if (Number.isFinite(limits[name]))
      throw new TypeError(
        `Expected \`worker.containment\` to be "cgroup" with \`worker.limits.${name}\`, which the kernel keeps for a ` +
          `cgroup alone, received "${containment}"`,
      );
  }
  if (Number.isFinite(limits.memory)) assertMemoryIsKnown("worker.limits.memory", runtime);
  return Object.freeze(limits);
}

/** @throws UnsupportedError where the memory of a process can't be read. */
export function assertMemoryIsKnown(option: string, runtime: Runtime): void {
  if (runtime.readFile(`/proc/${runtime.pid}/status`) !== undefined) return;
  throw new UnsupportedError(
    `Cannot enforce \`${option}\`: it needs Linux and a readable /proc (in Deno, --allow-all)`,
  );
}
