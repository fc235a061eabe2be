/**
 * The options of a pool: their meaning, defaults and limits, in one place. Reads the caller's object, never
 * changes it, and refuses what it does not know, because an option that is silently ignored is a bug found
 * in production.
 */
import type { OrphanMode } from "./host/host-process.ts";
import type { OutputMode } from "./host/output.ts";
import type { RestartOptions } from "./host/restart-policy.ts";
import { OptionReader } from "./option-reader.ts";
import type { Launcher } from "./port/launcher.ts";
import type { Runtime } from "./port/runtime.ts";

export interface PoolOptions {
  /** Workers kept alive when there is nothing to do. Default 0. */
  minWorkers?: number | undefined;
  /** Live processes at most, those that start or stop included. Default: the CPUs this process may use, or `minWorkers` where that is more. */
  maxWorkers?: number | undefined;
  /** Tasks that overlap in one worker. Default 1. */
  concurrentTasksPerWorker?: number | undefined;
  /** An idle worker above the minimum leaves after this, in ms; Infinity keeps it. Default 30 000. */
  idleTimeout?: number | undefined;
  /** Calls that may wait for a worker; one more rejects with QueueFullError. Default Infinity. */
  maxQueue?: number | undefined;
  /** How long a call may wait, in ms; then it rejects with QueueTimeoutError. Default: for ever. */
  queueTimeout?: number | undefined;
  /** How long a task may run, in ms; then it rejects with TaskTimeoutError. Default: for ever. */
  timeout?: number | undefined;
  /** How long a worker may take to be ready, in ms. Default 30 000. */
  startTimeout?: number | undefined;
  /** From one step of stopping a worker to the next harder one, in ms. Default 5 000. */
  killTimeout?: number | undefined;
  /** How often dead workers are replaced; see `RestartInput`. */
  restart?: RestartInput | undefined;
  /**
   * What becomes of processes whose parent has died and that come to this one. `"auto"` collects them where this
   * process is PID 1, as in a container without an init; `"adopt"` also makes it adopt what its descendants
   * leave behind (PR_SET_CHILD_SUBREAPER), so that nothing of theirs escapes its sight; `"ignore"` does neither. Linux.
   * Default `"auto"`.
   */
  orphans?: OrphanMode | undefined;
  worker?: WorkerOptions | undefined;
}

export interface RestartInput {
  /** Deaths without a completed task within `period` that are borne. Default 5. */
  intensity?: number | undefined;
  /** In ms. Default 10 000. */
  period?: number | undefined;
  backoff?:
    | {
        /** The first delay, in ms. Default 100. */
        initial?: number | undefined;
        /** By which each delay outgrows the last. Default 2. */
        factor?: number | undefined;
        /** The longest delay, in ms. Default 10 000, or `initial` where that is longer. */
        max?: number | undefined;
        /** The share of a delay left to chance, 0 to 1. Default 0.2. */
        jitter?: number | undefined;
      }
    | undefined;
}

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
}

type Resolved<T> = { readonly [K in keyof T]-?: Exclude<T[K], undefined> };

/** Every option with its value. Frozen. */
export type ResolvedOptions = Resolved<Omit<PoolOptions, "restart" | "worker">> & {
  readonly restart: RestartOptions;
  readonly worker: ResolvedWorkerOptions;
};

interface ResolvedWorkerOptions {
  readonly launcher: Launcher;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string | undefined;
  readonly execArgv: readonly string[] | undefined;
  readonly argv: readonly string[];
  readonly data: unknown;
  readonly stdout: OutputMode;
  readonly stderr: OutputMode;
  readonly sigchld: SigchldMode;
}

export type SigchldMode = "default" | "ignore";

/** @throws TypeError or RangeError naming the option, what was expected and what came. */
export function resolveOptions(input: PoolOptions | undefined, runtime: Runtime): ResolvedOptions {
  const pool = new OptionReader("", input, [
    "minWorkers",
    "maxWorkers",
    "concurrentTasksPerWorker",
    "idleTimeout",
    "maxQueue",
    "queueTimeout",
    "timeout",
    "startTimeout",
    "killTimeout",
    "restart",
    "orphans",
    "worker",
  ]);
  const minWorkers = pool.integer("minWorkers", 0, 0);
  // A minimum alone may ask for more workers than there are CPUs.
  const maxWorkers = pool.integer("maxWorkers", 1, Math.max(1, minWorkers, runtime.availableParallelism()));
  if (minWorkers > maxWorkers) {
    throw new RangeError(
      `Expected \`minWorkers\` to be at most \`maxWorkers\`, received minWorkers ${minWorkers} and maxWorkers ${maxWorkers}`,
    );
  }
  return Object.freeze({
    minWorkers,
    maxWorkers,
    concurrentTasksPerWorker: pool.integer("concurrentTasksPerWorker", 1, 1),
    idleTimeout: pool.duration("idleTimeout", 30_000),
    maxQueue: pool.count("maxQueue", Number.POSITIVE_INFINITY),
    queueTimeout: pool.duration("queueTimeout", Number.POSITIVE_INFINITY),
    timeout: pool.duration("timeout", Number.POSITIVE_INFINITY),
    startTimeout: pool.duration("startTimeout", 30_000),
    killTimeout: pool.duration("killTimeout", 5_000),
    restart: resolveRestart(pool.get("restart")),
    orphans: pool.oneOf("orphans", ["auto", "adopt", "ignore"]),
    worker: resolveWorker(pool.get("worker"), runtime),
  });
}

function resolveRestart(input: unknown): RestartOptions {
  const restart = new OptionReader("restart.", input, ["intensity", "period", "backoff"]);
  const backoff = new OptionReader("restart.backoff.", restart.get("backoff"), [
    "initial",
    "factor",
    "max",
    "jitter",
  ]);
  const initial = backoff.duration("initial", 100);
  const max = backoff.duration("max", Math.max(10_000, initial));
  if (initial > max) {
    throw new RangeError(
      `Expected \`restart.backoff.initial\` to be at most \`restart.backoff.max\`, received initial ${initial} and max ${max}`,
    );
  }
  return Object.freeze({
    intensity: restart.count("intensity", 5),
    period: restart.duration("period", 10_000),
    backoff: Object.freeze({
      initial,
      factor: backoff.number("factor", 1, Number.MAX_VALUE, 2),
      max,
      jitter: backoff.number("jitter", 0, 1, 0.2),
    }),
  });
}

const OUTPUT_MODES: readonly OutputMode[] = ["inherit", "ignore", "capture"];

function resolveWorker(input: unknown, runtime: Runtime): ResolvedWorkerOptions {
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
  ]);
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
  });
}

/** What one call may ask for. */
export interface RunOptions {
  /** Aborting rejects the call with the signal's reason; in the worker `task().signal` aborts. */
  signal?: AbortSignal | undefined;
  /** How long the task may run, in ms, waiting not counted. Default: the pool's `timeout`. */
  timeout?: number | undefined;
  /** How long the call may wait for a worker, in ms. Default: the pool's `queueTimeout`. */
  queueTimeout?: number | undefined;
}

export interface ResolvedRunOptions {
  readonly signal: AbortSignal | undefined;
  readonly timeout: number;
  readonly queueTimeout: number;
}

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveRunOptions(
  input: RunOptions | undefined,
  defaults: ResolvedOptions,
): ResolvedRunOptions {
  const run = new OptionReader("", input, ["signal", "timeout", "queueTimeout"]);
  return {
    signal: run.signal("signal"),
    timeout: run.duration("timeout", defaults.timeout),
    queueTimeout: run.duration("queueTimeout", defaults.queueTimeout),
  };
}

/** What `close` may be asked for. */
export interface CloseOptions {
  /** In ms. Half a second before its end (a tenth of it, if less) what still runs is rejected and gets SIGTERM, then SIGKILL. Default 30 000. */
  timeout?: number | undefined;
}

const CLOSE_TIMEOUT_MS = 30_000;

/** @throws TypeError or RangeError, as `resolveOptions` does. */
export function resolveCloseTimeout(input: CloseOptions | undefined): number {
  return new OptionReader("", input, ["timeout"]).duration("timeout", CLOSE_TIMEOUT_MS);
}
