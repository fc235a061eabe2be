/**
 * A runtime without processes: workers run the real worker side in this process, over channels in memory and
 * on a fake clock. What a worker does badly is said by its script. Lets the pool be tested without sleeping.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../../src/port/launcher.ts";
import type { Libc } from "../../src/port/libc.ts";
import type {
  Accept,
  Access,
  Channel,
  ChannelEvents,
  Command,
  Exit,
  Folder,
  Listener,
  ProcessEvents,
  Runtime,
  Signal,
  StopSignal,
  WorkerProcess,
  WritableFile,
} from "../../src/port/runtime.ts";
import type { Files } from "../../src/reaping/process-table.ts";
import { serve } from "../../src/worker/serve.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeGuard } from "./fake-guard.ts";

/** How the workers of a fake runtime behave; read anew at each start, so a test may change it. */
export interface Script {
  /** The worker module. */
  module: object;
  /** Connects and says nothing more. */
  isMute: boolean;
  /** Takes no notice of SIGTERM. */
  trapsSigterm: boolean;
  /** Does not leave when asked to. */
  ignoresLeave: boolean;
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
  readonly capabilities = { processGroups: true, reaper: false, sharedMemory: false };
  readonly pid: number;
  readonly launcher = { name: "fake", command: () => ({ file: "fake", args: [] }) };
  readonly clock = new FakeClock();
  readonly script: Script;
  readonly processes: FakeProcess[] = [];
  /** Every guard that was started. */
  readonly guards: FakeGuard[] = [];
  readonly warnings: string[] = [];
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
  /** What was shared, in order. */
  readonly shared: { readonly path: string; readonly access: Access }[] = [];
  /** How each worker was started. */
  readonly commands: Command[] = [];
  /** Paths of the folders that are there. */
  readonly folders = new Set<string>();
  /** Paths of the files that are open for writing. */
  readonly openFiles = new Set<string>();
  /** The most processes that ever lived at once. */
  mostAlive = 0;
  readonly #files = new Map<string, Uint8Array>();
  #accept: Accept | undefined;
  #listeners = 0;
  #foldersMade = 0;

  constructor(module: object = {}, { pid = 1000 }: { pid?: number } = {}) {
    this.pid = pid;
    this.script = {
      module,
      isMute: false,
      trapsSigterm: false,
      ignoresLeave: false,
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

  forward(): void {}

  warn(message: string): void {
    this.warnings.push(message);
  }

  readFile(path: string): Uint8Array | undefined {
    return this.#files.get(path) ?? this.proc?.readFile(path);
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

  /** For a test also the way to send one from outside. */
  raise(name: StopSignal): void {
    if (this.stopSignalListeners.size === 0) this.endedBy = name;
    queueMicrotask(() => {
      for (const listener of this.stopSignalListeners) listener(name);
    });
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

  takeFile(path: string): Uint8Array | undefined {
    const bytes = this.#files.get(path);
    this.#files.delete(path);
    return bytes;
  }

  makeFolder(): Folder {
    if (this.script.folderError !== undefined) throw this.script.folderError;
    const path = `/fake-${++this.#foldersMade}`;
    this.folders.add(path);
    const remove = () => {
      this.folders.delete(path);
      for (const name of this.#files.keys()) if (name.startsWith(`${path}/`)) this.#files.delete(name);
    };
    return { path, remove };
  }

  openFile(path: string): WritableFile {
    let content = new Uint8Array();
    this.#files.set(path, content);
    this.openFiles.add(path);
    const write = (bytes: Uint8Array, at: number) => {
      if (this.script.writeError !== undefined) throw this.script.writeError;
      const longer = new Uint8Array(Math.max(content.length, at + bytes.length));
      longer.set(content);
      longer.set(bytes, at);
      content = longer;
      this.#files.set(path, content);
    };
    return { write, close: () => void this.openFiles.delete(path) };
  }

  async listen(_path: string, accept: Accept): Promise<Listener> {
    if (this.script.listenError !== undefined) throw this.script.listenError;
    this.#accept = accept;
    this.#listeners++;
    return { close: () => void this.#listeners-- };
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
      writeFile: (path, bytes) => void this.#files.set(path, bytes),
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

/** What the processes of a machine share. */
interface Machine {
  now(): number;
  writeFile(path: string, bytes: Uint8Array): void;
}

export class FakeProcess implements WorkerProcess {
  readonly pid: number;
  isAlive = true;
  readonly signals: Signal[] = [];
  readonly #script: Script;
  readonly #events: ProcessEvents;
  #hangUp: () => void = () => {};

  constructor(pid: number, script: Script, events: ProcessEvents) {
    this.pid = pid;
    this.#script = script;
    this.#events = events;
  }

  signal(name: Signal): boolean {
    if (!this.isAlive) return false;
    this.signals.push(name);
    if (name === "SIGKILL" || !this.#script.trapsSigterm) this.end({ code: null, signal: name });
    return true;
  }

  /** Dies: as a real one, its channel and its output end, and its exit is reported, each in its own time. */
  end(exit: Exit): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    queueMicrotask(() => this.#hangUp());
    queueMicrotask(() => this.#events.onExit(exit));
    queueMicrotask(() => this.#events.onOutputEnd("stderr"));
  }

  writeStderr(text: string): void {
    this.#events.onOutput("stderr", new TextEncoder().encode(text));
  }

  run(command: Command, accept: Accept, machine: Machine): void {
    const script = this.#script;
    if (script.isMute) return;
    const token = command.env[TOKEN_VARIABLE] ?? "";
    if (command.env[SOCKET_VARIABLE]?.endsWith("/socket") !== true)
      throw new Error("Expected the socket in the environment");
    const host = {
      runtime: "fake 1.0",
      token,
      contextStorage: new AsyncLocalStorage<never>(),
      now: () => machine.now(),
      afterTurn: (callback: () => void) => queueMicrotask(callback),
      importModule: async () => whileAlive(script.module, () => this.isAlive),
      openMemory: () => {
        throw new Error("a fake has none");
      },
      openRecord: (path: string) => (bytes: Uint8Array) => machine.writeFile(path, bytes.slice()),
      exit: (code: number) => {
        if (!script.ignoresLeave) this.end({ code, signal: null });
      },
    };
    void serve(host, async (workerEvents) => {
      const [workerChannel, hangUp] = connect(workerEvents, accept, () => this.isAlive);
      this.#hangUp = hangUp;
      return workerChannel;
    });
  }
}

/** What still waits in a dead process never begins; here, where all share one, it would. */
function whileAlive(module: object, isAlive: () => boolean): object {
  const entries = Object.entries(module).map(([name, value]) => [
    name,
    typeof value === "function"
      ? (...args: unknown[]) => (isAlive() ? value(...args) : new Promise(() => {}))
      : value,
  ]);
  return Object.fromEntries(entries);
}

/** Two channels that are each other's far end. A dead process sends nothing and hears nothing. */
function connect(workerEvents: ChannelEvents, accept: Accept, isAlive: () => boolean): [Channel, () => void] {
  let hostEvents: ChannelEvents | undefined;
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    queueMicrotask(() => {
      hostEvents?.onClose();
      if (isAlive()) workerEvents.onClose();
    });
  };
  const send = (bytes: Uint8Array, deliver: (copy: Uint8Array) => void) => {
    const copy = bytes.slice();
    queueMicrotask(() => isOpen && deliver(copy));
  };
  const hostChannel: Channel = {
    write: (bytes) => send(bytes, (copy) => isAlive() && workerEvents.onData(copy)),
    close,
  };
  // What a process wrote before it died still arrives: the kernel keeps it.
  const workerChannel: Channel = {
    write: (bytes) => isAlive() && send(bytes, (copy) => hostEvents?.onData(copy)),
    close,
  };
  hostEvents = accept(hostChannel);
  return [workerChannel, close];
}
