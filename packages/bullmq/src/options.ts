/**
 * The options of a queue worker: what is ours, and the defaults that differ from BullMQ's. Everything else is BullMQ's
 * `WorkerOptions`, and passed on as it is.
 */
import type { AnyModule, TaskName } from "@reapool/core";
import {
  type BackendFactory,
  type ConnectionOptions,
  createPostgresBackend,
  type IQueueBackend,
  type Job,
  type PostgresConnectionOptions,
  type WorkerOptions,
} from "bullmq";

type SandboxOption = "useWorkerThreads" | "workerForkOptions" | "workerThreadsOptions";

// biome-ignore lint/suspicious/noExplicitAny: BullMQ's own default; the data of a job is what its producer made it
export type AnyJob = Job<any, any, string>;

export interface QueueWorkerOptions<M extends object = AnyModule>
  extends Omit<WorkerOptions, SandboxOption | "connection"> {
  /** As BullMQ takes it: options or a client for Redis; with `backend: createPostgresBackend` those of PostgreSQL. */
  connection: ConnectionOptions | PostgresConnectionOptions;
  /** BullMQ's backend, as in the last parameter of its classes. Default: BullMQ's default, which is Redis. */
  // biome-ignore lint/suspicious/noExplicitAny: each backend has its own type of connection
  backend?: BackendFactory<IQueueBackend, any> | undefined;
  /** The task that runs a job. Default: the one that is named as the job is. */
  task?: ((job: AnyJob) => TaskName<M>) | undefined;
  /** Its arguments. Default: the job's data alone. */
  args?: ((job: AnyJob) => readonly unknown[]) | undefined;
  /**
   * How long the task may run, in ms; then the job fails and the task's process is ended, as with `pool.run`. A number, or a
   * function of the job. Default: the pool's `timeout`.
   */
  timeout?: number | ((job: AnyJob) => number | undefined) | undefined;
  /**
   * What a worker's death costs the job that ran in it: `"attempt"` spends one; `"free"` spends none, for the first five
   * starts of the job that end without a spent attempt. Default `"attempt"`.
   */
  deaths?: "attempt" | "free" | undefined;
  /** Whether what the task writes to stdout and stderr becomes the job's log, line by line. Default false. */
  logs?: boolean | undefined;
  /** How many lines the log of a job keeps whose own `keepLogs` does not say. Default 1000. */
  keepLogs?: number | undefined;
  /** Whether `cancelJob` reaches the jobs that run here; it takes a connection of its own. Default true. */
  remoteCancel?: boolean | undefined;
  /** How long the engine may take to answer until `ready()` rejects, in ms. Default 10 000. */
  connectTimeout?: number | undefined;
}

export interface Resolved {
  readonly task: (job: AnyJob) => string;
  readonly args: (job: AnyJob) => readonly unknown[];
  readonly timeout: (job: AnyJob) => number | undefined;
  readonly deaths: "attempt" | "free";
  readonly logs: boolean;
  readonly keepLogs: number;
  readonly remoteCancel: boolean;
  readonly connectTimeout: number;
  readonly backend: BackendFactory | undefined;
  /** Whether `concurrency` follows the pool. */
  readonly followsPool: boolean;
  /** For BullMQ. */
  readonly worker: WorkerOptions;
}

const SANDBOX: readonly string[] = ["useWorkerThreads", "workerForkOptions", "workerThreadsOptions"];

/** Why they differ from BullMQ's is in docs/queues.md. */
const DEFAULTS = {
  lockDuration: 20_000,
  stalledInterval: 10_000,
  maxStalledCount: 10,
  runRetryDelay: 2_000,
  removeOnComplete: { age: 24 * 3_600, count: 1_000 },
};

/** @param capacity How many tasks the pool can run at once. @throws TypeError or RangeError that names the option. */
export function resolveOptions<M extends object>(options: QueueWorkerOptions<M>, capacity: number): Resolved {
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const {
    backend,
    task,
    args,
    timeout,
    deaths = "attempt",
    logs = false,
    keepLogs = 1_000,
    remoteCancel = true,
    connectTimeout = 10_000,
    ...others
  } = own(options);
  const rest = own(others);
  const unwanted = SANDBOX.find((name) => (rest as Record<string, unknown>)[name] !== undefined);
  if (unwanted !== undefined) {
    throw new TypeError(
      `\`${unwanted}\` belongs to BullMQ's own sandbox: give such options to the pool, as \`worker\``,
    );
  }
  if (rest.connection === undefined || rest.connection === null) {
    throw expected("connection", 'Redis, such as { host: "127.0.0.1", port: 6379 }', rest.connection);
  }
  for (const [name, given] of Object.entries({ task, args, backend })) {
    if (given !== undefined && typeof given !== "function") throw expected(name, "a function", given);
  }
  if (timeout !== undefined && typeof timeout !== "function") duration("timeout", timeout);
  if (deaths !== "attempt" && deaths !== "free") throw expected("deaths", '"attempt" or "free"', deaths);
  for (const [name, given] of Object.entries({ logs, remoteCancel })) {
    if (typeof given !== "boolean") throw expected(name, "a boolean", given);
  }
  if (!Number.isSafeInteger(keepLogs) || keepLogs < 1) {
    throw expected("keepLogs", "an integer of at least 1", keepLogs);
  }
  duration("connectTimeout", connectTimeout);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    task: task ?? (({ name }) => name),
    args: args ?? (({ data }) => [data]),
    timeout: typeof timeout === "function" ? timeout : () => timeout,
    deaths,
    logs,
    keepLogs,
    remoteCancel,
    connectTimeout,
    backend: backend as BackendFactory | undefined,
    followsPool: given.concurrency === undefined,
    worker: {
      concurrency: capacity,
      ...DEFAULTS,
      ...given,
      connection:
        backend === createPostgresBackend ? bounded(rest.connection, connectTimeout) : rest.connection,
    } as unknown as WorkerOptions,
  };
}

/** A client of PostgreSQL waits for a server that says nothing for ever, unless it is told otherwise. */
function bounded(connection: unknown, connectTimeout: number): unknown {
  if (typeof connection === "string") return bounded({ connectionString: connection }, connectTimeout);
  if (Object.getPrototypeOf(connection) !== Object.prototype) return connection; // a client of the caller's own
  return { connectionTimeoutMillis: connectTimeout, ...(connection as object) };
}

/** The options that the caller gave: what something has put on `Object.prototype` is none of them. */
export function own<O extends object>(options: O): O {
  return Object.assign(Object.create(null), options);
}

/** @throws TypeError or RangeError that names the option. */
export function duration(name: string, value: unknown): void {
  if (typeof value !== "number") throw expected(name, "a number of milliseconds", value);
  if (!(value > 0)) throw new RangeError(`Expected \`${name}\` to be more than 0 ms, received ${value}`);
}

function expected(name: string, what: string, received: unknown): TypeError {
  const shown = typeof received === "string" ? JSON.stringify(received) : String(received);
  return new TypeError(`Expected \`${name}\` to be ${what}, received ${shown}`);
}
