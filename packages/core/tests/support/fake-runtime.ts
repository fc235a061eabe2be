/**
 * A runtime without processes: workers run the real worker side in this process, over channels in memory and
 * on a fake clock. What a worker does badly is said by its script. Lets the pool be tested without sleeping.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../../src/port/launcher.ts";
import type {
  Accept,
  Channel,
  ChannelEvents,
  Command,
  Exit,
  Listener,
  ProcessEvents,
  Runtime,
  Signal,
  WorkerProcess,
} from "../../src/port/runtime.ts";
import { serve } from "../../src/worker/serve.ts";
import { FakeClock } from "./fake-clock.ts";

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
  /** What `listen` rejects with. */
  listenError: unknown;
}

export class FakeRuntime implements Runtime {
  readonly name = "fake";
  readonly capabilities = { processGroups: true, reaper: false };
  readonly pid: number = 1000;
  readonly launcher = { name: "fake", command: () => ({ file: "fake", args: [] }) };
  readonly clock = new FakeClock();
  readonly script: Script;
  readonly processes: FakeProcess[] = [];
  /** Guards that run. */
  readonly guards: Set<FakeGuard> = new Set();
  readonly warnings: string[] = [];
  /** The most processes that ever lived at once. */
  mostAlive = 0;
  readonly #files = new Map<string, Uint8Array>();
  #accept: Accept | undefined;
  #listeners = 0;

  constructor(module: object = {}) {
    this.script = {
      module,
      isMute: false,
      trapsSigterm: false,
      ignoresLeave: false,
      spawnError: undefined,
      listenError: undefined,
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
    return this.#files.get(path);
  }

  listFolder(): undefined {}

  onChildSignal(): () => void {
    return () => {};
  }

  openLibc(): string {
    return "a fake has none";
  }

  takeFile(path: string): Uint8Array | undefined {
    const bytes = this.#files.get(path);
    this.#files.delete(path);
    return bytes;
  }

  async listen(accept: Accept): Promise<Listener> {
    if (this.script.listenError !== undefined) throw this.script.listenError;
    this.#accept = accept;
    this.#listeners++;
    return { folder: "/fake", path: "/fake/socket", close: () => void this.#listeners-- };
  }

  spawn(command: Command, events: ProcessEvents): WorkerProcess {
    if (command.stdin === "pipe") return new FakeGuard(this.guards, events);
    const { spawnError } = this.script;
    if (spawnError !== undefined) {
      queueMicrotask(() => events.onExit({ code: null, signal: null, error: spawnError }));
      return { pid: undefined, stdin: undefined, signal: () => false };
    }
    const process = new FakeProcess(1001 + this.processes.length, { ...this.script }, events);
    this.processes.push(process);
    this.mostAlive = Math.max(this.mostAlive, this.alive.length);
    process.run(command, this.#accept as Accept, (path, bytes) => this.#files.set(path, bytes));
    return process;
  }
}

/** Remembers the lines it is told; ends with its input or by a signal. */
export class FakeGuard implements WorkerProcess {
  readonly pid = 999;
  readonly lines: string[] = [];
  readonly stdin: Channel;
  readonly #all: Set<FakeGuard>;
  readonly #events: ProcessEvents;

  constructor(all: Set<FakeGuard>, events: ProcessEvents) {
    this.#all = all.add(this);
    this.#events = events;
    this.stdin = {
      write: (bytes) => void this.lines.push(new TextDecoder().decode(bytes).trim()),
      close: () => this.end({ code: 0, signal: null }),
    };
  }

  signal(name: Signal): boolean {
    return this.end({ code: null, signal: name });
  }

  end(exit: Exit): boolean {
    if (!this.#all.delete(this)) return false;
    queueMicrotask(() => this.#events.onExit(exit));
    return true;
  }
}

export class FakeProcess implements WorkerProcess {
  readonly pid: number;
  readonly stdin = undefined;
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

  run(command: Command, accept: Accept, writeFile: (path: string, bytes: Uint8Array) => void): void {
    const script = this.#script;
    if (script.isMute) return;
    const token = command.env[TOKEN_VARIABLE] ?? "";
    if (command.env[SOCKET_VARIABLE] !== "/fake/socket")
      throw new Error("Expected the socket in the environment");
    const host = {
      runtime: "fake 1.0",
      token,
      contextStorage: new AsyncLocalStorage<never>(),
      importModule: async () => script.module,
      openRecord: (path: string) => (bytes: Uint8Array) => writeFile(path, bytes.slice()),
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
