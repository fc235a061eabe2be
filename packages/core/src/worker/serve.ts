/**
 * The worker's side: connects, loads the module, takes calls until it is told to exit. Owns the order of these steps;
 * calls.ts owns the calls, and everything that touches the process comes from the adapter as a WorkerHost.
 *
 *     Hello -> Init: import, setup -> Ready -> Call ... Result | Failure -> Leave: teardown -> exit
 */
import { bare } from "../bare.ts";
import { ProtocolError } from "../errors.ts";
import { installMemory } from "../memory/process-memory.ts";
import type { OpenMemory } from "../memory/shared-memory.ts";
import { messageOf, stackOf } from "../message-of.ts";
import { role } from "../port/role.ts";
import type { Channel, ChannelEvents } from "../port/runtime.ts";
import { Attached } from "../wire/attached.ts";
import { flagText } from "../wire/flag.ts";
import {
  FrameType,
  frameName,
  type Hello,
  type Init,
  MAX_FRAME_BYTES,
  PROTOCOL_VERSION,
  type Ready,
} from "../wire/frame.ts";
import { FROM_HOST } from "../wire/frame-limits.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { isAnsweredWithTaken } from "../wire/in-flight.ts";
import { jsonText } from "../wire/json-text.ts";
import { decode, type EncodedValue, encodeThrown } from "../wire/value.ts";
import { installClock } from "../wire/wire-clock.ts";
import { unexpected } from "./call-frames.ts";
import { Calls } from "./calls.ts";
import { readExports, type WorkerModule } from "./exports.ts";
import { Journal, type OpenedFile } from "./journal.ts";
import { jsonPlace, type ReadText } from "./json-place.ts";
import { knock } from "./knock.ts";
import type { LoadingState } from "./loading.ts";
import { ofMissingModule } from "./missing-module.ts";
import { installLocate, type Locate, located } from "./syntax-errors.ts";
import { type ContextStorage, runOutside } from "./task-context.ts";

// Re-exported here so that a worker loads nothing of the host's side: that saves a third of its start.
export { bare } from "../bare.ts";
export { openFirst } from "../port/libc.ts";
export type { Address } from "../port/role.ts";
export { STOP_SIGNALS } from "../port/runtime.ts";
export { contextStorageOf } from "./context-storage.ts";
export { processLoading } from "./loading.ts";
export type { SyntaxPlace } from "./syntax-errors.ts";
export type { ContextStorage, TaskContext } from "./task-context.ts";

/** What the worker side needs from its runtime. */
export interface WorkerHost {
  /** For messages, for example `"node 24.21.0"`. */
  readonly runtime: string;
  /** From the environment, where they have been removed: where the host listens, and what shows who this worker is. */
  readonly socket: string;
  readonly token: string;
  readonly contextStorage: ContextStorage;
  importModule(url: string): Promise<object>;
  readonly readText: ReadText;
  /** Where this runtime's parser stopped. */
  readonly locate: Locate;
  /** Milliseconds from any fixed origin, with fractions; never goes backwards. */
  now(): number;
  /** Calls back once the event loop has turned. */
  afterTurn(callback: () => void): void;
  /** Calls back once, after `ms` milliseconds; keeps this process alive until then. */
  after(ms: number, callback: () => void): void;
  /** Opens an existing file, to be written by position. @throws Error when it can't be opened. */
  openFile(path: string): OpenedFile;
  /** Calls back when an uncaught error is about to end this process. */
  onDying(callback: (error: unknown) => void): void;
  /**
   * Calls back at each change with whether code of the application listens to SIGTERM, and at once where it does already.
   *
   * @param holds From now on, no signal that asks this process to stop ends it by default; then it calls back at once.
   */
  watchStopSignals(holds: boolean, onChange: (isHeard: boolean) => void): void;
  /** What the pools in this process are told while it loads its module. */
  readonly loading: LoadingState;
  /** From now on, writing to stdout or stderr returns when the pipe has all of it. Where that is so anyway, left out. */
  writeThrough?(): void;
  /** As in the port: the calls that shared memory needs. */
  readonly openMemory: OpenMemory;
  /** Ends the process now. */
  exit(code: number): void;
}

/** The most to send of the error that ends a process, in UTF-16 units: it must fit into the journal. */
const LAST_WORDS_LENGTH = 8 * 1024;

/** The whole error if it is small, otherwise its message. */
function encodeLastWords(error: unknown): EncodedValue {
  const whole = encodeThrown(located(error));
  if (whole.text.length <= LAST_WORDS_LENGTH && whole.attachments === undefined && whole.shared === undefined)
    return whole;
  const short = new Error(messageOf(error).slice(0, LAST_WORDS_LENGTH / 4));
  short.stack = "";
  return encodeThrown(short);
}

/** The exit code of a worker that could not start: EX_SOFTWARE of sysexits. */
const START_FAILED_CODE = 70;

/** The exit code of a worker whose host violates the protocol: EX_PROTOCOL of sysexits. */
const PROTOCOL_CODE = 76;

/**
 * So long a worker whose host is gone waits for the guard, which finds what hides its mark by its parent alone: with a worker
 * that left at once, two of three such processes survived in Bun and in Deno. Where there is no guard, it leaves by itself then.
 */
const GUARD_FIRST_MS = 500;

/** Connects and serves until the host says Leave or is gone. */
export async function serve(
  host: WorkerHost,
  connect: (events: ChannelEvents) => Promise<Channel>,
): Promise<void> {
  installMemory(host.openMemory);
  installClock(() => host.now());
  installLocate(host.locate);
  let server: Server | undefined;
  host.onDying((error) => server?.onDying(error));
  await knock(host, async (heard, turnedAway) => {
    server = undefined;
    const reader = new FrameReader(
      MAX_FRAME_BYTES,
      (type, task, payload, isOwn) => {
        if (server === undefined || server.attached.onFrame(type, payload, isOwn)) return;
        server.onFrame(type, task, payload, server.attached.take());
      },
      FROM_HOST,
    );
    const channel = await connect({
      onData: (bytes) => {
        heard();
        try {
          if (server === undefined) reader.push(bytes);
          else server.reading(() => reader.push(bytes));
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          server?.onDying(error);
          print(error);
          host.exit(PROTOCOL_CODE);
        }
      },
      // The host is gone, or this side is done: nothing waits for calls that still run.
      onClose: () => {
        if (turnedAway()) return;
        const leave = () => host.exit(server?.exitCode ?? 0);
        if (server?.mayHaveStarted) host.after(GUARD_FIRST_MS, leave);
        else leave();
      },
    });
    server = new Server(host, channel);
    server.hello();
  });
}

class Server {
  exitCode: number | undefined;
  readonly attached: Attached;
  readonly #host: WorkerHost;
  readonly #channel: Channel;
  readonly #writer: FrameWriter;
  #module: WorkerModule | undefined;
  #journal: Journal | undefined;
  /** Undefined until the worker is ready. */
  #calls: Calls | undefined;
  #isInitiated = false;
  #isLeaving = false;
  #isCalled = false;
  /** Of the module; empty before it is known. */
  #url = "";

  constructor(host: WorkerHost, channel: Channel) {
    this.#host = host;
    this.#channel = channel;
    this.#writer = new FrameWriter(channel, true);
    this.attached = new Attached(this.#writer);
  }

  hello(): void {
    const hello: Hello = {
      version: PROTOCOL_VERSION,
      token: this.#host.token,
      runtime: this.#host.runtime,
      codec: "graph",
    };
    this.#writer.writeText(FrameType.Hello, jsonText(hello));
    this.#writer.flush();
  }

  reading(read: () => void): void {
    if (this.#calls === undefined) read();
    else this.#calls.reading(read);
  }

  /** The last frame of this process. */
  onDying(error: unknown): void {
    this.#writer.write(FrameType.Dying, 0, encodeLastWords(error));
    this.#writer.flush();
    this.#journal?.keep(this.#writer.unsent);
  }

  /** @throws ProtocolError when no host of this version would send the frame. */
  onFrame(type: number, task: number, payload: Uint8Array, attached?: readonly Uint8Array[]): void {
    switch (type) {
      case FrameType.Call:
        if (!this.#isCalled) this.#onFirstCall();
        this.#readyFor(type).onCall(task, payload, attached);
        break;
      case FrameType.Cancel:
        this.#readyFor(type).onCancel(task, payload, attached);
        break;
      case FrameType.Hold:
        this.#readyFor(type).hold();
        break;
      case FrameType.Pull:
      case FrameType.Input:
      case FrameType.InputEnd:
      case FrameType.InputFailure:
        this.#readyFor(type).onFrame(type, task, payload, attached);
        break;
      case FrameType.Ping:
        this.#writer.write(FrameType.Pong, 0);
        break;
      case FrameType.Taken:
        if (!this.#writer.inFlight.taken()) throw unexpected("no Taken: nothing was in flight");
        break;
      case FrameType.Init:
        if (this.#isInitiated) throw unexpected("one Init, received another");
        this.#isInitiated = true;
        void this.#init(payload, attached);
        break;
      case FrameType.Leave:
        if (this.#isLeaving) throw unexpected("one Leave, received another");
        this.#isLeaving = true;
        void this.#leave();
        break;
      default:
        throw unexpected(`a frame of type 1 to 10, 27, 28 or 31 to 33, received type ${type}`);
    }
    if (isAnsweredWithTaken(type, payload)) this.#writer.write(FrameType.Taken, 0);
  }

  #readyFor(type: number): Calls {
    if (this.#calls === undefined) throw unexpected(`no ${frameName(type)} before it is ready`);
    return this.#calls;
  }

  #onFirstCall(): void {
    this.#isCalled = true;
    this.#host.loading.end();
  }

  async #init(payload: Uint8Array, attached: readonly Uint8Array[] | undefined): Promise<void> {
    try {
      const init = bare(decode(payload, 0, attached) as Init);
      const { workerId, concurrency, journal: path, module: url, data, lineage = [] } = init;
      this.#url = url;
      this.#host.loading.begin([...lineage, url]);
      const journal = new Journal(path, this.#host.openFile(path));
      this.#journal = journal;
      this.#writer.copyist = journal; // before anything is written: the host counts bytes from the Hello on
      this.#watchStopSignals(init.holdsStopSignals === true);
      if (init.isCaptured === true) this.#host.writeThrough?.();
      const module = readExports(await this.#host.importModule(url));
      this.#module = module;
      await module.setup?.(data);
      const refusal = this.#host.loading.refusal();
      if (refusal !== undefined) throw refusal; // the module may have caught it
      this.#calls = new Calls({
        workerId,
        concurrency,
        writer: this.#writer,
        contextStorage: this.#host.contextStorage,
        tasks: module.tasks,
        now: () => this.#host.now(),
        afterTurn: (callback) => this.#host.afterTurn(callback),
        journal,
      });
    } catch (error) {
      // What `serve` was given is no file.
      const explained = role().isWorker ? error : ofMissingModule(error, this.#url, this.#host.readText);
      const inJson = located(explained, (told) => jsonPlace(told, this.#url, this.#host.readText));
      const thrown = this.#host.loading.refusal() ?? located(inJson);
      this.#writer.write(FrameType.StartFailed, 0, encodeThrown(thrown));
      return this.#finish(START_FAILED_CODE);
    }
    const ready: Ready = { exports: this.#module.names };
    this.#writer.writeText(FrameType.Ready, jsonText(ready));
    this.#writer.flush();
  }

  /**
   * The host sends SIGTERM before SIGKILL only where it is told that somebody listens. It is told at once: the next thing
   * the module does may be an endless loop.
   *
   * @param holds One that is sent to all processes of the program at once costs no call: the host decides what ends.
   */
  #watchStopSignals(holds: boolean): void {
    this.#host.watchStopSignals(holds, (isHeard) => {
      this.#writer.writeText(FrameType.Hearing, flagText(isHeard));
      this.#writer.flush();
      this.#journal?.keep(this.#writer.unsent);
    });
  }

  async #leave(): Promise<void> {
    try {
      await runOutside(this.#host.contextStorage, () => this.#module?.teardown?.());
    } catch (error) {
      print(error); // no call can reject with it; stderr and the exit code show it
      return this.#finish(1);
    }
    this.#finish(0);
  }

  /** The host is gone, and the module may have started processes. */
  get mayHaveStarted(): boolean {
    return this.#isInitiated && this.exitCode === undefined;
  }

  /** Written frames leave first: the process ends when the channel has. */
  #finish(exitCode: number): void {
    this.exitCode = exitCode;
    this.#writer.flush();
    this.#channel.close();
  }
}

function print(error: unknown): void {
  try {
    console.error(error);
  } catch {
    console.error(stackOf(error)); // inspecting it threw
  }
}
