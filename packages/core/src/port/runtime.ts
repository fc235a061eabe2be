/**
 * The port: everything core needs from the runtime it runs in.
 *
 * Owns the shape of an adapter, and the exact meaning of each call. Does not own any policy: an adapter
 * decides nothing, keeps no defaults, reads no frames and retries no start, so that three adapters can't
 * drift apart. `contractCases` in `@reapool/core/testing` checks an implementation.
 */
import type { Launcher } from "./launcher.ts";
import type { Libc } from "./libc.ts";
import type { MemoryCalls } from "./memory.ts";

export interface Runtime {
  /** `"node"`, `"bun"`, `"deno"`, or the name of your own. For messages only: core never branches on it. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /** How a worker of this same runtime is started: the default of the `worker.launcher` option. */
  readonly launcher: Launcher;
  /** The host's own process id. */
  readonly pid: number;
  /** The number of CPUs this process may use: the default of `maxWorkers`. */
  availableParallelism(): number;
  /** Makes a temporary folder that only this user can enter. @throws Error when that can't be done. */
  makeFolder(): Folder;
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
  /** Calls back when the event loop has turned once: what had come by now has been read. Never keeps the host alive. */
  afterTurn(callback: () => void): void;
  /** Milliseconds from any fixed origin; never goes backwards. */
  now(): number;
  /** Opens a file to be written and read by position; makes it if it is not there. @throws Error when that can't be done. */
  openFile(path: string): OpenFile;
  /** Changes who may use a file or folder. @throws Error when this user may not do that, say. */
  share(path: string, access: Access): void;
  /** Removes a file, if it is there. Never throws. */
  removeFile(path: string): void;
  /** Reads a small file, one of /proc say; undefined when it can't be read. */
  readFile(path: string): Uint8Array | undefined;
  /** The names in a folder; undefined when it can't be read. */
  listFolder(path: string): readonly string[] | undefined;
  /** Calls back on each SIGCHLD, from the event loop; returns how to stop. Never keeps the host alive. */
  onChildSignal(callback: () => void): () => void;
  /**
   * Calls back on each signal that asks this process to stop, from the event loop, in place of what the signal does
   * by default; returns how to stop, which brings the default back. Never keeps the host alive.
   */
  onStopSignal(callback: (name: StopSignal) => void): () => void;
  /** Something in this process listens to the signal; false also where the runtime can't tell. */
  hears(name: StopSignal): boolean;
  /** Sends the signal to this very process. If nothing listens, the process ends by it, in this turn or soon after. */
  raise(name: StopSignal): void;
  /** Ends this process now. */
  exit(code: number): void;
  /** The callback, to run later in the asynchronous context of this moment: what AsyncLocalStorage has stored. */
  bindContext<F extends (...args: never[]) => unknown>(callback: F): F;
  /** The calls the reaper needs, or why they can't be reached. Loads nothing before it is called. */
  openLibc(): Libc | string;
  /** The calls that shared memory takes, of a libc of this name. Loads nothing before. @throws Error that says why not. */
  openMemory(library: string): MemoryCalls;
  /** Passes bytes a worker wrote on to the host's own stream. Never throws. */
  forward(stream: OutputStream, bytes: Uint8Array): void;
  /** Tells whoever runs the host, as its runtime tells warnings. */
  warn(message: string): void;
}

/** What a runtime can do on this machine. The contract skips what it lacks. */
export interface Capabilities {
  /** A worker leads its own process group, and a signal reaches the whole group. */
  readonly processGroups: boolean;
  /** Orphans can be adopted and collected: Linux, the main thread, and a way to call libc. */
  readonly reaper: boolean;
  /** Memory can be shared with other processes: Linux and a way to call libc. */
  readonly sharedMemory: boolean;
}

export type OutputStream = "stdout" | "stderr";

/** A process to start. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Laid over the host's own environment; an undefined value removes the variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  /**
   * The user and the group it runs as, each from 0 to 2147483647; default: the host's. A host that is root gives it
   * none of its further groups then; from any other host they are inherited. What this user may not do is a failed
   * start. It must be one who may enter the folder: Deno goes there as this user and fails, the others before.
   */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** `"open"`: there is nothing to read, and its end comes with the end of the host. Default: empty. */
  readonly stdin?: "open" | undefined;
  /** `"inherit"` shares the host's stream, `"pipe"` delivers to `onOutput`. */
  readonly stdout: "inherit" | "ignore" | "pipe";
  readonly stderr: "inherit" | "ignore" | "pipe";
}

/** Given at spawn, so that no exit can be missed between the start and a later subscription. */
export interface ProcessEvents {
  /** Bytes the process wrote to a piped stream. */
  onOutput(stream: OutputStream, bytes: Uint8Array): void;
  /** A piped stream has ended: nobody holds its writing end any more. Once per piped stream. */
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

/** The exit of a process that could not be started. */
export function failedStart(error: unknown): Exit {
  return { code: null, signal: null, error };
}

export type Signal = "SIGTERM" | "SIGKILL";

/** What a service manager, a terminal and a closing terminal send. */
export const STOP_SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

export type StopSignal = (typeof STOP_SIGNALS)[number];

export interface WorkerProcess {
  /** Undefined when the process could not be started. */
  readonly pid: number | undefined;
  /**
   * Sends the signal to the whole process group, also after the worker's own exit. Never throws; false when
   * nobody is left in the group.
   */
  signal(name: Signal): boolean;
}

/** Ordered bytes between host and worker, in both directions. */
export interface Channel {
  /**
   * Queues the bytes; they must not be changed before `onSent`, which is called once the channel has let go of them. Never
   * throws; after the end it does nothing.
   */
  write(bytes: Uint8Array, onSent?: (() => void) | undefined): void;
  /** Bytes written that the kernel has not taken yet. */
  readonly unsent: number;
  /** Sends what is queued, then ends the channel; `onClose` follows. */
  close(): void;
}

export interface ChannelEvents {
  /** The bytes are valid only during the call: the adapter may fill the same buffer again. */
  onData(bytes: Uint8Array): void;
  /** Exactly once, after the last `onData`: the other side is gone, or this side closed. */
  onClose(): void;
}

/** Called for each connection; returns who hears of it, so that no byte can be missed. */
export type Accept = (channel: Channel) => ChannelEvents;

export interface Listener {
  /** Stops listening and removes the socket. */
  close(): void;
}

export interface Folder {
  /** Absolute. */
  readonly path: string;
  /** With all that is in it. Never throws. Happens by itself when the host ends in an orderly way. */
  remove(): void;
}

/** What is left out stays as it is. */
export interface Access {
  /** Permission bits, such as 0o700. */
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export interface OpenFile {
  /** Writes before it returns: what is written survives the host. @throws Error when there is no room, say. */
  write(bytes: Uint8Array, at: number): void;
  /** Returns how many bytes there were: fewer at the end of the file, 0 where it can't be read. Never throws. */
  read(bytes: Uint8Array, at: number): number;
  /** Never throws. */
  close(): void;
}

/** The longest a timer waits, in ms, in every runtime; above it they fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

export interface Timer {
  cancel(): void;
  /** From now on the pending timer keeps the host alive. */
  ref(): void;
  /** From now on it does not: the state a timer starts in. */
  unref(): void;
}
