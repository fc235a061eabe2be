/**
 * The port: everything core needs from the runtime it runs in.
 *
 * Owns the shape of an adapter, and the exact meaning of each call. Owns no policy: an adapter decides nothing, holds
 * no defaults, reads no frames and retries no start, so that three adapters can't drift apart. `contractCases` in
 * `@reapool/core/testing` checks an implementation.
 */
import type { Launcher } from "./launcher.ts";
import type { Libc } from "./libc.ts";
import type { MemoryCalls } from "./memory.ts";
import type { Threads } from "./threads.ts";

export interface Runtime {
  /** `"node"`, `"bun"`, `"deno"`, or the name of your own. For messages only: core never branches on it. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** How a worker of this same runtime is started: the default of the `worker.launcher` option. */
  readonly launcher: Launcher;
  /**
   * Where this adapter was loaded from, in a runtime that may load it again in the same process: Bun with `--hot`. Left out
   * elsewhere.
   */
  readonly loadedFrom?: string | undefined;
  /** The host's own process id. */
  readonly pid: number;
  /** The number of CPUs this process may use: the default of `maxWorkers`. */
  availableParallelism(): number;
  /**
   * Makes a temporary folder that only this user can enter, in `parent` or where the runtime makes them. @throws Error
   * when that fails.
   */
  makeFolder(parent?: string): Folder;
  /**
   * Opens the Unix domain socket that workers connect to. When a connection can't be taken (no descriptors are left, say)
   * and the runtime does not try again by itself, `onFailure` is called with a function that tries again.
   */
  listen(path: string, accept: Accept, onFailure: (tryAgain: () => void) => void): Promise<Listener>;
  /**
   * Starts a process as the leader of its own group. Never throws: a failed start arrives at `onExit`.
   * Neither the process nor its pipes keep the host alive.
   */
  spawn(command: Command, events: ProcessEvents): WorkerProcess;
  /** Calls back once, after `ms` milliseconds (at most MAX_TIMER_MS). The timer keeps the host alive only after `ref()`. */
  startTimer(ms: number, callback: () => void): Timer;
  /**
   * Calls back once the event loop has turned, so that everything that had arrived by now has been read, from sockets and
   * from pipes. Keeps the host alive for no longer than that.
   */
  afterTurn(callback: () => void): void;
  /** Milliseconds from any fixed origin; never goes backwards. */
  now(): number;
  /**
   * Opens a regular file for reads and writes by position; creates it if it does not exist. Follows no link, and waits for
   * no pipe and no device, whoever has put it there. @throws Error when that fails.
   */
  openFile(path: string): OpenFile;
  /** Changes the owner or mode of a file or folder. @throws Error, for example when this user may not do that. */
  share(path: string, access: Access): void;
  /** Removes a file, if it is there. Never throws. */
  removeFile(path: string): void;
  /** Fills the array with random bytes that nobody can guess. */
  fillRandom(bytes: Uint8Array<ArrayBuffer>): void;
  /** Reads a small file of the kernel's, in /proc, say; undefined when it can't be read. */
  readFile(path: string): Uint8Array | undefined;
  /**
   * What is at this path, links followed; undefined where nothing is, or where this process may not know. Never throws,
   * never asks.
   */
  fileAt(path: string): FileIdentity | undefined;
  /** The names in a folder; undefined when it can't be read. */
  listFolder(path: string): readonly string[] | undefined;
  /** Calls back on each SIGCHLD, from the event loop; returns an unsubscribe function. Never keeps the host alive. */
  onChildSignal(callback: () => void): () => void;
  /**
   * Calls back, from the event loop, on each signal that asks this process to stop, instead of the signal's default
   * action. Returns an unsubscribe function, which restores the default. Never keeps the host alive.
   */
  onStopSignal(callback: (name: StopSignal) => void): () => void;
  /** Something in this process listens for the signal; false also where the runtime can't tell. */
  hears(name: StopSignal): boolean;
  /** Sends the signal to this process. If nothing listens for it, that ends the process, in this turn or soon after. */
  raise(name: StopSignal): void;
  /** Ends this process now. */
  exit(code: number): void;
  /** Binds the callback to the current asynchronous context, so that it later sees what AsyncLocalStorage holds now. */
  bindContext<F extends (...args: never[]) => unknown>(callback: F): F;
  /** Left out where nothing has to be done when a thread ends. */
  readonly threads?: Threads | undefined;
  /** The calls the reaper needs, or why they are unavailable. Loads nothing before it is called. */
  openLibc(): Libc | string;
  /**
   * The calls that shared memory needs, from the libc of this name. Loads nothing before it is called. @throws Error
   * that says why they are unavailable.
   */
  openMemory(library: string): MemoryCalls;
  /** A variable of this process's environment. Undefined also where it may not be read: never throws, never asks. */
  environment(name: string): string | undefined;
  /** Writes bytes to the host's own stream: a worker's output, or the trace. Never throws. */
  forward(stream: OutputStream, bytes: Uint8Array): void;
  /** Prints a warning in the runtime's own way. */
  warn(message: string): void;
}

/** What a runtime can do on this machine. The contract skips cases that need more. */
export interface Capabilities {
  /** A worker leads its own process group, and a signal reaches the whole group. */
  readonly processGroups: boolean;
  /** What a worker has started can be found wherever it is: Linux. */
  readonly processTrees: boolean;
  /** Orphans can be adopted and reaped: Linux, the main thread, and a way to call libc. */
  readonly reaper: boolean;
  /** Memory can be shared with other processes: Linux and a way to call libc. */
  readonly sharedMemory: boolean;
}

export type OutputStream = "stdout" | "stderr";

/** A process to start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Merged over the host's own environment; an undefined value removes the variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Its environment is `env` and nothing of the host's. Default false. */
  readonly clearEnv?: boolean | undefined;
  readonly cwd?: string | undefined;
  /**
   * The user and the group it runs as, each from 0 to 2147483647; default: the host's. A root host drops its
   * supplementary groups for the process; any other host's are inherited. If this user may not do something, the
   * start fails. The user must be able to enter the working folder: Deno enters it as this user and fails, the others
   * enter it before they switch.
   */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** `"open"`: a pipe with nothing to read, which ends when the host ends. Default: empty. */
  readonly stdin?: "open" | undefined;
  /** `"inherit"` shares the host's stream, `"pipe"` delivers to `onOutput`. */
  readonly stdout: "inherit" | "ignore" | "pipe";
  readonly stderr: "inherit" | "ignore" | "pipe";
}

/** Given at spawn, so that no exit can be missed between the start and a later subscription. */
export interface ProcessEvents {
  /** Bytes the process wrote to a piped stream. */
  onOutput(stream: OutputStream, bytes: Uint8Array): void;
  /** A piped stream has ended: no process holds its writing end any more. Once per piped stream. */
  onOutputEnd(stream: OutputStream): void;
  /** Exactly once, after the operating system has reaped the process, or when it could not be started. */
  onExit(exit: Exit): void;
}

/** How a process ended, the same on every runtime: exactly one of the three is set. */
export interface Exit {
  readonly code: number | null;
  /** For example `"SIGKILL"`. */
  readonly signal: string | null;
  /** Why the process could not be started at all. */
  readonly error?: unknown;
}

/** The exit of a process that has run. All fields, always: what is left out is read from `Object.prototype`. */
export function exitOf(code: number | null, signal: string | null): Exit {
  return { code, signal, error: undefined };
}

/** The exit of a process that could not be started. */
export function failedStart(error: unknown): Exit {
  return { code: null, signal: null, error };
}

export type Signal = "SIGTERM" | "SIGKILL";

/** What a service manager, Ctrl-C and a closing terminal send. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

export type StopSignal = (typeof STOP_SIGNALS)[number];

export interface WorkerProcess {
  /** Undefined when the process could not be started. */
  readonly pid: number | undefined;
  /**
   * Sends the signal to the whole process group, even after the worker's own exit. Never throws; false when the group
   * is empty, an Error with the code `"EPERM"` when it is not and this host may not signal it.
   */
  signal(name: Signal): boolean | Error;
  /** Writes to the standard input of a process that was started with `stdin: "open"`. Never throws. */
  write?(bytes: Uint8Array): void;
}

/** Ordered bytes between host and worker, in both directions. */
export interface Channel {
  /**
   * Queues the bytes; they must not change before `onSent`, which is called once the channel no longer needs them.
   * Never throws; after the end it does nothing.
   */
  write(bytes: Uint8Array, onSent?: (() => void) | undefined): void;
  /** Written bytes that the kernel has not taken yet. */
  readonly unsent: number;
  /** Sends what is queued, then ends the channel; `onClose` follows. */
  close(): void;
}

export interface ChannelEvents {
  /** The bytes are valid only during the call: the adapter may reuse the buffer. */
  onData(bytes: Uint8Array): void;
  /** Exactly once, after the last `onData`: the other side is gone, or this side closed. */
  onClose(): void;
}

/** Called for each connection; returns the handlers of its events right away, so that no byte can be missed. */
export type Accept = (channel: Channel) => ChannelEvents;

export interface Listener {
  /** Stops listening and removes the socket. */
  close(): void;
}

export interface Folder {
  /** Absolute. */
  readonly path: string;
  /** Removes the folder and its contents. Never throws. Happens by itself when the host exits in an orderly way. */
  remove(): void;
}

export interface FileIdentity {
  /** Differs for any two files that exist at the same time. A file may get the id of one that is gone. */
  readonly id: string;
  /** The user it belongs to. */
  readonly owner: number | null;
  readonly isFolder: boolean;
}

/** Anything left out stays as it is. */
export interface Access {
  /** Permission bits, such as 0o700. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface OpenFile {
  /**
   * Has written when it returns, so the bytes survive the host's death. @throws Error, for example when the disk is
   * full.
   */
  write(bytes: Uint8Array, at: number): void;
  /** Returns the number of bytes read: fewer at the end of the file, 0 where it can't be read. Never throws. */
  read(bytes: Uint8Array, at: number): number;
  /** Never throws. */
  close(): void;
}

/** The longest delay of a timer, in ms, in every runtime; a longer one would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

export interface Timer {
  cancel(): void;
  /** From now on the pending timer keeps the host alive. */
  ref(): void;
  /** From now on it does not, as when it was started. */
  unref(): void;
}
