/**
 * Every error the pool itself raises. Owns the classes, their codes and their properties; the messages are written
 * where the failure is detected. An error that a task throws is none of these: it arrives as itself.
 */
import { bare, show } from "./bare.ts";
import type { Exit } from "./port/runtime.ts";

const BRAND = Symbol.for("reapool.error");

export type PoolErrorCode =
  | "ERR_POOL_CLOSED"
  | "ERR_QUEUE_FULL"
  | "ERR_QUEUE_TIMEOUT"
  | "ERR_TASK_TIMEOUT"
  | "ERR_UNKNOWN_TASK"
  | "ERR_SERIALIZATION"
  | "ERR_WORKER_START"
  | "ERR_WORKER_EXIT"
  | "ERR_CRASH_LOOP"
  | "ERR_PROTOCOL"
  | "ERR_SPAWN"
  | "ERR_UNSUPPORTED";

export interface PoolErrorOptions extends ErrorOptions {
  readonly task?: string | undefined;
  readonly pid?: number | undefined;
}

/**
 * The base of every error the pool raises; `code` says which.
 *
 * `instanceof` checks a brand, not the prototype chain, so it also recognises an error made by another copy of this
 * package. An application's own subclass is recognised like any other class.
 */
export class PoolError extends Error {
  /** Stable: safe to compare in a program. */
  declare readonly code: PoolErrorCode;
  /** The name of the task, in an error of a call. */
  declare readonly task?: string | undefined;
  /** The process of the worker, where one had to do with it. */
  declare readonly pid?: number | undefined;

  constructor(message?: string, options?: PoolErrorOptions) {
    const own = options && bare(options);
    super(message, own);
    show(this, "code", this.code);
    show(this, "task", own?.task);
    show(this, "pid", own?.pid);
  }

  static {
    brand(PoolError, "PoolError", undefined);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore-start lint/complexity/noThisInStatic: each subclass inherits this and asks for itself
    if (!Object.hasOwn(this.prototype, BRAND))
      return Function.prototype[Symbol.hasInstance].call(this, value);
    if (typeof value !== "object" || value === null || !(BRAND in value)) return false;
    const wanted: unknown = this.prototype.code;
    // biome-ignore-end lint/complexity/noThisInStatic: end of the block
    return wanted === undefined || (value as { code?: unknown }).code === wanted;
  }
}

/** A call after `close()` or `terminate()`, or one that these cut off. */
export class PoolClosedError extends PoolError {
  static {
    brand(PoolClosedError, "PoolClosedError", "ERR_POOL_CLOSED");
  }
}

/** `maxQueue` calls were already waiting. */
export class QueueFullError extends PoolError {
  static {
    brand(QueueFullError, "QueueFullError", "ERR_QUEUE_FULL");
  }
}

/** The task waited longer than its `queueTimeout`; it was not started. */
export class QueueTimeoutError extends PoolError {
  static {
    brand(QueueTimeoutError, "QueueTimeoutError", "ERR_QUEUE_TIMEOUT");
  }
}

/** The task ran longer than its `timeout`; `pid` is that of the worker it ran in. */
export class TaskTimeoutError extends PoolError {
  static {
    brand(TaskTimeoutError, "TaskTimeoutError", "ERR_TASK_TIMEOUT");
  }
}

/** The worker module exports no function of that name. */
export class UnknownTaskError extends PoolError {
  static {
    brand(UnknownTaskError, "UnknownTaskError", "ERR_UNKNOWN_TASK");
  }
}

/** A value can't be sent between host and worker. */
export class SerializationError extends PoolError {
  /** The path within the value, for example `args[0].onDone`; empty when it is not known. */
  readonly path: string;

  constructor(message: string, options: PoolErrorOptions & { path?: string } = {}) {
    const own = bare(options);
    super(message, own);
    this.path = own.path ?? "";
  }

  static {
    brand(SerializationError, "SerializationError", "ERR_SERIALIZATION");
  }
}

/** What is known about a worker that ended. */
export interface WorkerEnd {
  readonly workerId: number;
  readonly pid: number | undefined;
  readonly exit: Exit;
  /** The last of what the worker wrote to stderr, at most 8 KiB. */
  readonly stderr: string;
}

/** How a worker ended: shared by the two errors that report it. */
class WorkerEndError extends PoolError {
  readonly workerId: number;
  override readonly pid: number | undefined;
  /** The exit code, or null when a signal ended the worker or it never ran. */
  readonly exitCode: number | null;
  /** The signal, for example `"SIGKILL"`, or null. */
  readonly signal: string | null;
  /** The last of what the worker wrote to stderr, at most 8 KiB. */
  readonly stderr: string;

  constructor(message: string, end: WorkerEnd, options: PoolErrorOptions = {}) {
    const { task, cause } = bare(options);
    super(message, cause === undefined ? { task } : { task, cause });
    this.workerId = end.workerId;
    this.pid = end.pid;
    this.exitCode = end.exit.code;
    this.signal = end.exit.signal;
    this.stderr = end.stderr;
  }
}

/** A worker did not become ready: `cause` is the module's own error or that of the failed spawn, if there is one. */
export class WorkerStartError extends WorkerEndError {
  static {
    brand(WorkerStartError, "WorkerStartError", "ERR_WORKER_START");
  }
}

/**
 * The worker ended while it ran the task or, as the cause of a CrashLoopError, before it completed one. In an `exit` event:
 * it ended in a way that the pool did not mean.
 */
export class WorkerExitError extends WorkerEndError {
  /** The name of the task that was running (in an `exit` event, the first of them); empty when none was. */
  declare readonly task: string;
  /** The most likely reason, as a phrase; empty when nothing points to one. */
  readonly likelyCause: string;

  constructor(
    message: string,
    end: WorkerEnd,
    about: { task: string; likelyCause: string; cause?: unknown },
  ) {
    super(message, end, about);
    this.likelyCause = about.likelyCause;
  }

  static {
    brand(WorkerExitError, "WorkerExitError", "ERR_WORKER_EXIT");
  }
}

/** Workers keep dying before they complete a task; `cause` is the last death. */
export class CrashLoopError extends PoolError {
  static {
    brand(CrashLoopError, "CrashLoopError", "ERR_CRASH_LOOP");
  }
}

/** The other side of the channel broke the protocol. */
export class ProtocolError extends PoolError {
  static {
    brand(ProtocolError, "ProtocolError", "ERR_PROTOCOL");
  }
}

/** `spawnDetached` could not start the program; `cause` is the runtime's own error, if it had one. */
export class SpawnError extends PoolError {
  static {
    brand(SpawnError, "SpawnError", "ERR_SPAWN");
  }
}

/** This machine, this runtime or its permissions lack something that was asked for. */
export class UnsupportedError extends PoolError {
  static {
    brand(UnsupportedError, "UnsupportedError", "ERR_UNSUPPORTED");
  }
}

/** The class itself is named too: a bundler may have given it another name. `instanceof` reads the code from the prototype. */
function brand(errorClass: { prototype: object }, name: string, code: PoolErrorCode | undefined): void {
  const define = (key: PropertyKey, value: unknown) =>
    Object.defineProperty(errorClass.prototype, key, bare({ value, writable: true, configurable: true }));
  define("name", name);
  Object.defineProperty(errorClass, "name", bare({ value: name, configurable: true }));
  define(BRAND, true);
  define("code", code); // of the base as well: it is no code that all objects inherit
}
