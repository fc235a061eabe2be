/**
 * A worker process of a fake runtime: the real worker side in this process, over channels in memory. A dead one sends
 * nothing, hears nothing and writes no file; what it does badly is said by its script.
 */
import { SOCKET_VARIABLE, TOKEN_VARIABLE } from "../../src/port/launcher.ts";
import type {
  Accept,
  Channel,
  ChannelEvents,
  Command,
  Exit,
  ProcessEvents,
  Signal,
  Timer,
  WorkerProcess,
} from "../../src/port/runtime.ts";
import { serve, type WorkerHost } from "../../src/worker/serve.ts";
import { contextStorage } from "./context-storage.ts";
import type { FakeFile } from "./fake-files.ts";

/** How the workers of a fake runtime behave; read anew at each start, so a test may change it. */
export interface WorkerScript {
  /** The worker module. */
  module: object;
  /** Connects and says nothing more. */
  isMute: boolean;
  /** Takes no notice of SIGTERM. */
  trapsSigterm: boolean;
  /** Says that its module listens to SIGTERM. */
  listens: boolean;
  /** Does not leave when asked to. */
  ignoresLeave: boolean;
  /** So long its bytes wait in it before the kernel has them, in ms: what is not sent by then dies with it. */
  sendsAfter: number;
}

/** What the processes of a machine share. */
export interface Machine {
  now(): number;
  startTimer(ms: number, callback: () => void): Timer;
  fileAt(path: string): FakeFile | undefined;
}

export class FakeProcess implements WorkerProcess {
  readonly pid: number;
  isAlive = true;
  readonly signals: Signal[] = [];
  readonly #script: WorkerScript;
  readonly #events: ProcessEvents;
  #hangUp: () => void = () => {};
  #onDying: (error: unknown) => void = () => {};

  constructor(pid: number, script: WorkerScript, events: ProcessEvents) {
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

  /** Something in it throws and nobody catches it. */
  throwUncaught(error: unknown): void {
    this.sayDying(error);
    this.end({ code: 1, signal: null });
  }

  /** Its runtime says that nobody catches this; it does not end by it. */
  sayDying(error: unknown): void {
    if (this.isAlive) this.#onDying(error);
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
    const host: WorkerHost = {
      runtime: "fake 1.0",
      socket: "/socket",
      token,
      contextStorage,
      now: () => machine.now(),
      afterTurn: (callback) => queueMicrotask(callback),
      after: (ms, callback) => void machine.startTimer(ms, () => this.isAlive && callback()),
      readText: () => "",
      importModule: async () => whileAlive(script.module, () => this.isAlive),
      locate: () => undefined,
      openMemory: () => {
        throw new Error("a fake has none");
      },
      openFile: (path) => {
        const file = machine.fileAt(path);
        if (file === undefined) throw new Error(`ENOENT: ${path}`);
        return { write: (bytes, at) => void (this.isAlive && file.write(bytes, at)) };
      },
      onDying: (callback) => {
        this.#onDying = callback;
      },
      watchStopSignals: (_holds, onChange) => {
        if (script.listens) onChange(true);
      },
      loading: { begin: () => {}, refusal: () => undefined, end: () => {} },
      exit: (code) => {
        if (!script.ignoresLeave) this.end({ code, signal: null });
      },
    };
    void serve(host, async (workerEvents) => {
      const isAlive = () => this.isAlive;
      const [workerChannel, hangUp] = connect(workerEvents, accept, isAlive, machine, script.sendsAfter);
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
function connect(
  workerEvents: ChannelEvents,
  accept: Accept,
  isAlive: () => boolean,
  machine: Machine,
  sendsAfter: number,
): [Channel, () => void] {
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
  const send = (bytes: Uint8Array, onSent: (() => void) | undefined, deliver: (copy: Uint8Array) => void) => {
    const copy = bytes.slice();
    queueMicrotask(() => {
      if (isOpen && copy.length > 0) deliver(copy);
      onSent?.();
    });
  };
  const hostChannel: Channel = {
    unsent: 0,
    write: (bytes, onSent) => send(bytes, onSent, (copy) => isAlive() && workerEvents.onData(copy)),
    close,
  };
  hostEvents = accept(hostChannel);
  // What a process wrote before it died still arrives: the kernel keeps it.
  const toHost = (bytes: Uint8Array, onSent?: () => void) =>
    send(bytes, onSent, (copy) => hostEvents?.onData(copy));
  const workerChannel = sendsAfter === 0 ? prompt(toHost, close, isAlive) : slow();
  return [workerChannel, close];

  function slow(): Channel {
    const waiting: { readonly bytes: Uint8Array; readonly onSent: (() => void) | undefined }[] = [];
    const sendNext = () => {
      const next = waiting.shift();
      if (next === undefined || !isAlive()) return;
      channel.unsent -= next.bytes.length;
      toHost(next.bytes, next.onSent);
    };
    const channel = {
      unsent: 0,
      write: (bytes: Uint8Array, onSent?: () => void) => {
        waiting.push({ bytes: bytes.slice(), onSent });
        channel.unsent += bytes.length;
        machine.startTimer(sendsAfter, sendNext);
      },
      close: () => {
        while (waiting.length > 0 && isAlive()) sendNext();
        queueMicrotask(close);
      },
    };
    return channel;
  }
}

function prompt(
  toHost: (bytes: Uint8Array, onSent?: () => void) => void,
  close: () => void,
  isAlive: () => boolean,
): Channel {
  return { unsent: 0, write: (bytes, onSent) => void (isAlive() && toHost(bytes, onSent)), close };
}
