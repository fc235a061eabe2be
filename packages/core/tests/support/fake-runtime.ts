/**
 * A runtime without processes: workers run the real worker side in this process, over channels in memory and
 * on a fake clock (fake-process.ts). Lets the pool be tested without sleeping.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Libc } from "../../src/port/libc.ts";
import type {
  Accept,
  Access,
  Capabilities,
  Command,
  FileIdentity,
  Folder,
  Listener,
  OpenFile,
  OutputStream,
  ProcessEvents,
  Runtime,
  StopSignal,
  WorkerProcess,
} from "../../src/port/runtime.ts";
import type { Files } from "../../src/reaping/process-table.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeFiles } from "./fake-files.ts";
import { FakeGuard } from "./fake-guard.ts";
import { FakeProcess, type WorkerScript } from "./fake-process.ts";

/** How a fake runtime and its workers behave. */
export interface Script extends WorkerScript {
  /** What `spawn` reports in place of starting. */
  spawnError: unknown;
  /** The same for the next starts alone, one each. */
  spawnErrors: unknown[];
  /** What `spawn` reports in place of starting a guard. */
  guardError: unknown;
  /** Guards do not even end by SIGKILL. */
  hasStuckGuards: boolean;
  /** What `makeFolder` throws. */
  folderError: unknown;
  /** What writing to an open file throws. */
  writeError: unknown;
  /** What `listen` rejects with. */
  listenError: unknown;
  /** What `share` throws. */
  shareError: unknown;
}

export class FakeRuntime implements Runtime {
  readonly name = "fake";
  /** No trees: a look is not over before the clock has been moved, and so would no `close()` be. */
  readonly capabilities: Capabilities = {
    processGroups: true,
    processTrees: false,
    reaper: false,
    sharedMemory: false,
  };
  readonly pid: number;
  readonly launcher = { name: "fake", command: () => ({ file: "fake", args: [] }) };
  readonly clock = new FakeClock();
  readonly script: Script;
  readonly processes: FakeProcess[] = [];
  /** Every guard that was started. */
  readonly guards: FakeGuard[] = [];
  readonly warnings: string[] = [];
  /** What was written to the host's own streams. */
  readonly forwarded: string[] = [];
  /** The environment of the host. */
  readonly env: Record<string, string> = {};
  /** What `openLibc` answers. */
  libc: Libc | string = "a fake has none";
  /** What is read from /proc; it can't be read without. */
  proc: Files | undefined;
  /** Those who hear of SIGCHLD. */
  readonly childSignalListeners = new Set<() => void>();
  /** Those who hear of SIGTERM, SIGINT and SIGHUP. */
  readonly stopSignalListeners = new Set<(name: StopSignal) => void>();
  /** The signal that was raised with nobody listening: a real process ends by it. */
  endedBy: StopSignal | undefined;
  /** Set once it has exited by itself. */
  exitCode: number | undefined;
  /** What was shared, in order. */
  readonly shared: { readonly path: string; readonly access: Access }[] = [];
  /** How each worker was started. */
  readonly commands: Command[] = [];
  /** Paths of the folders that are there. */
  readonly folders = new Set<string>();
  readonly files = new FakeFiles(() => this.script.writeError);
  /** The most processes that ever lived at once. */
  mostAlive = 0;
  #accept: Accept | undefined;
  #onAcceptFailure: ((tryAgain: () => void) => void) | undefined;
  #listeners = 0;
  #foldersMade = 0;

  constructor(module: object = {}, { pid = 1000 }: { pid?: number } = {}) {
    this.pid = pid;
    this.script = {
      module,
      isMute: false,
      trapsSigterm: false,
      listens: false,
      ignoresLeave: false,
      sendsAfter: 0,
      spawnError: undefined,
      spawnErrors: [],
      guardError: undefined,
      hasStuckGuards: false,
      folderError: undefined,
      writeError: undefined,
      listenError: undefined,
      shareError: undefined,
    };
  }

  /** Paths of the files that are open. */
  get openFiles(): ReadonlySet<string> {
    return this.files.open;
  }

  get alive(): FakeProcess[] {
    return this.processes.filter((process) => process.isAlive);
  }

  /** Sockets open now. */
  get listeners(): number {
    return this.#listeners;
  }

  availableParallelism(): number {
    return 2;
  }

  now(): number {
    return this.clock.now;
  }

  startTimer(ms: number, callback: () => void): ReturnType<FakeClock["startTimer"]> {
    return this.clock.startTimer(ms, callback);
  }

  afterTurn(callback: () => void): void {
    this.clock.startTimer(0, callback);
  }

  forward(stream: OutputStream, bytes: Uint8Array): void {
    this.forwarded.push(`${stream} ${new TextDecoder().decode(bytes)}`);
  }

  environment(name: string): string | undefined {
    return this.env[name];
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  readFile(path: string): Uint8Array | undefined {
    return this.files.get(path)?.bytes ?? this.proc?.readFile(path);
  }

  fileAt(path: string): FileIdentity | undefined {
    if (this.folders.has(path)) return { id: path, owner: null, isFolder: true };
    const file = this.files.get(path);
    return file && { id: file.id, owner: null, isFolder: false };
  }

  listFolder(path: string): readonly string[] | undefined {
    return this.proc?.listFolder(path);
  }

  onChildSignal(callback: () => void): () => void {
    const listener = () => callback(); // the same callback given twice is two listeners
    this.childSignalListeners.add(listener);
    return () => void this.childSignalListeners.delete(listener);
  }

  onStopSignal(callback: (name: StopSignal) => void): () => void {
    const listener = (name: StopSignal) => callback(name);
    this.stopSignalListeners.add(listener);
    return () => void this.stopSignalListeners.delete(listener);
  }

  hears(): boolean {
    return this.stopSignalListeners.size > 0;
  }

  exit(code: number): void {
    this.exitCode = code;
  }

  /** For a test also the way to send one from outside. */
  raise(name: StopSignal): void {
    if (this.stopSignalListeners.size === 0) this.endedBy = name;
    queueMicrotask(() => {
      for (const listener of this.stopSignalListeners) listener(name);
    });
  }

  fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
    crypto.getRandomValues(bytes);
  }

  bindContext<F extends (...args: never[]) => unknown>(callback: F): F {
    return AsyncLocalStorage.bind(callback) as F;
  }

  openMemory(): never {
    throw new Error("a fake has none");
  }

  openLibc(): Libc | string {
    return this.libc;
  }

  share(path: string, access: Access): void {
    if (this.script.shareError !== undefined) throw this.script.shareError;
    this.shared.push({ path, access });
  }

  removeFile(path: string): void {
    this.files.remove(path);
  }

  makeFolder(parent = ""): Folder {
    if (this.script.folderError !== undefined) throw this.script.folderError;
    const path = `${parent}/fake-${++this.#foldersMade}`;
    this.folders.add(path);
    const remove = () => {
      this.folders.delete(path);
      this.files.removeFolder(path);
    };
    return { path, remove };
  }

  openFile(path: string): OpenFile {
    return this.files.openOrMake(path);
  }

  async listen(_path: string, accept: Accept, onFailure: (tryAgain: () => void) => void): Promise<Listener> {
    if (this.script.listenError !== undefined) throw this.script.listenError;
    this.#accept = accept;
    this.#onAcceptFailure = onFailure;
    this.#listeners++;
    return { close: () => void this.#listeners-- };
  }

  /** The socket can't take a connection. */
  failAccept(tryAgain: () => void): void {
    this.#onAcceptFailure?.(tryAgain);
  }

  spawn(command: Command, events: ProcessEvents): WorkerProcess {
    if (command.stdin === "open") return this.#spawnGuard(command, events);
    this.commands.push(command);
    const { spawnErrors } = this.script;
    const error = spawnErrors.length > 0 ? spawnErrors.shift() : this.script.spawnError;
    if (error !== undefined) return failedProcess(events, error);
    const process = new FakeProcess(this.pid + 1 + this.processes.length, { ...this.script }, events);
    this.processes.push(process);
    this.mostAlive = Math.max(this.mostAlive, this.alive.length);
    process.run(command, this.#accept as Accept, {
      now: () => this.now(),
      startTimer: (ms, callback) => this.startTimer(ms, callback),
      fileAt: (path) => this.files.get(path),
    });
    return process;
  }

  #spawnGuard(command: Command, events: ProcessEvents): WorkerProcess {
    const { guardError, hasStuckGuards } = this.script;
    if (guardError !== undefined) return failedProcess(events, guardError);
    const guard = new FakeGuard(GUARD_PID + this.guards.length, command, events, hasStuckGuards);
    this.guards.push(guard);
    return guard;
  }
}

/** Guards are numbered from here. */
const GUARD_PID = 100_000;

function failedProcess(events: ProcessEvents, error: unknown): WorkerProcess {
  queueMicrotask(() => events.onExit({ code: null, signal: null, error }));
  return { pid: undefined, signal: () => false };
}
