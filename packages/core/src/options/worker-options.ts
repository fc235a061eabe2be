/**
 * The options of one worker: how its process is started and what it may use. Beside options.ts, which has those of
 * the pool.
 */
import { UnsupportedError } from "../errors.ts";
import type { Launcher } from "../port/launcher.ts";
import type { Runtime } from "../port/runtime.ts";
import { OptionReader } from "./option-reader.ts";

export type OutputMode = "inherit" | "ignore" | "capture";

export interface WorkerOptions {
  /** How its process is started. Default: this runtime's own. */
  launcher?: Launcher | undefined;
  /** Laid over the environment it inherits from the host; undefined removes a variable. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** The folder it starts in. Default: the host's. */
  cwd?: string | undefined;
  /** Flags for its runtime, such as `--max-old-space-size=512`. Default: the host's own, where worker and host are both Node or both Bun. */
  execArgv?: readonly string[] | undefined;
  /** Arguments the module finds in `process.argv`. Default: none. */
  argv?: readonly string[] | undefined;
  /** Given to the module's `setup`. */
  data?: unknown;
  /** `"capture"` turns lines into `stdout` events. Default `"inherit"`. */
  stdout?: OutputMode | undefined;
  /** As `stdout`. The last 8 KiB are kept in any case, for the error when the worker dies. */
  stderr?: OutputMode | undefined;
  /**
   * `"ignore"` starts it with SIGCHLD ignored, so that the kernel itself collects what it starts: for a foreign
   * program that starts processes and never waits for them. Takes `bash`, or an `env` that knows `--ignore-signal`.
   * Not for workers that run in Node, which undoes it as it starts, nor in Bun or Deno, which would lose the exits
   * of what they start.
   * Default `"default"`.
   */
  sigchld?: SigchldMode | undefined;
  /**
   * The most resident memory its process may have, in bytes; looked at while it runs tasks, ten times a second. Above
   * it the worker is killed, and its tasks reject with a WorkerExitError that says so. Takes a readable /proc. Default: none.
   */
  memoryLimit?: number | undefined;
  /** Added to the host's own niceness, -20 to 19; below 0 it takes the right to. Default: the host's. */
  niceness?: number | undefined;
  /** The permission bits taken from what it creates, 0 to 0o777. Default: the host's. */
  umask?: number | undefined;
  /** The user it runs as; takes a host that is root. It must be able to read the module and its runtime. Default: the host's. */
  uid?: number | undefined;
  /** The group it runs as. Goes with `uid`. Default: the host's. */
  gid?: number | undefined;
}

/** What is asked of each worker before it starts, where its options are a function. */
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
  /** In bytes. */
  readonly memoryLimit: number;
  readonly niceness: number | undefined;
  readonly umask: number | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}

export type SigchldMode = "default" | "ignore";

/** Above it Deno would run the process as root, where Node and Bun refuse. */
const MAX_ID = 2 ** 31 - 1;

const OUTPUT_MODES: readonly OutputMode[] = ["inherit", "ignore", "capture"];

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
    "memoryLimit",
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
  const memoryLimit = worker.count("memoryLimit", Number.POSITIVE_INFINITY);
  if (Number.isFinite(memoryLimit)) assertMemoryIsKnown("worker.memoryLimit", runtime);
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
    memoryLimit,
    niceness: worker.optionalInteger("niceness", -20, 19),
    umask: worker.optionalInteger("umask", 0, 0o777),
    uid,
    gid,
  });
}

/** @throws UnsupportedError where the memory of a process can't be read. */
export function assertMemoryIsKnown(option: string, runtime: Runtime): void {
  if (runtime.readFile(`/proc/${runtime.pid}/status`) !== undefined) return;
  throw new UnsupportedError(
    `Cannot keep \`${option}\`: it takes Linux and a /proc that can be read (in Deno that takes --allow-all)`,
  );
}
