/**
 * The worker's side: connects, loads the module, runs the calls it is sent and answers each. Owns the order
 * of these; everything that touches the process comes from the adapter as a WorkerHost.
 *
 *     Hello -> Init: import, setup -> Ready -> Call ... Result | Failure -> Leave: teardown -> exit
 */
import type { SerializationError } from "../errors.ts";
import type { Channel, ChannelEvents } from "../port/runtime.ts";
import {
  FrameType,
  type Hello,
  type Init,
  MAX_FRAME_BYTES,
  PROTOCOL_VERSION,
  type Ready,
} from "../wire/frame.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { readUint16 } from "../wire/integers.ts";
import { NOTHING_STARTED, START_RECORD_BYTES, writeStartRecord } from "../wire/start-record.ts";
import { decode, encode, encodeThrown } from "../wire/value.ts";
import { readExports, type WorkerModule } from "./exports.ts";
import { type ContextStorage, installContextStorage } from "./task-context.ts";

/** What the worker side needs of its runtime. */
export interface WorkerHost {
  /** For messages, for example `"node 24.21.0"`. */
  readonly runtime: string;
  /** From the environment, which no longer holds it. */
  readonly token: string;
  readonly contextStorage: ContextStorage;
  importModule(url: string): Promise<object>;
  /** Opens a file for writing; returns how to write over its first bytes, synchronously. */
  openRecord(path: string): (bytes: Uint8Array) => void;
  /** Ends the process now. */
  exit(code: number): void;
}

/** The exit code of a worker that could not start: EX_SOFTWARE of sysexits. */
const START_FAILED_CODE = 70;

/** Connects and serves until the host says Leave or is gone. */
export async function serve(
  host: WorkerHost,
  connect: (events: ChannelEvents) => Promise<Channel>,
): Promise<void> {
  let server: Server | undefined;
  const reader = new FrameReader(MAX_FRAME_BYTES, (type, task, payload) =>
    server?.onFrame(type, task, payload),
  );
  const channel = await connect({
    onData: (bytes) => reader.push(bytes),
    // The host is gone, or this side is done. Whatever still runs has nobody to answer to.
    onClose: () => host.exit(server?.exitCode ?? 0),
  });
  server = new Server(host, channel);
  server.hello();
}

class Server {
  exitCode = 0;
  readonly #host: WorkerHost;
  readonly #channel: Channel;
  readonly #writer: FrameWriter;
  readonly #aborts = new Map<number, AbortController>();
  #module: WorkerModule | undefined;
  #workerId = 0;
  #writeRecord: (bytes: Uint8Array) => void = () => {};
  readonly #record = new Uint8Array(START_RECORD_BYTES);

  constructor(host: WorkerHost, channel: Channel) {
    this.#host = host;
    this.#channel = channel;
    this.#writer = new FrameWriter(channel);
    installContextStorage(host.contextStorage);
  }

  hello(): void {
    const hello: Hello = {
      version: PROTOCOL_VERSION,
      token: this.#host.token,
      runtime: this.#host.runtime,
      codec: "graph",
    };
    this.#writer.writeText(FrameType.Hello, JSON.stringify(hello));
    this.#writer.flush();
  }

  onFrame(type: number, task: number, payload: Uint8Array): void {
    switch (type) {
      case FrameType.Call:
        // What is finished leaves first: the next task may block the loop, or end the process.
        this.#writer.flush();
        this.#call(task, readUint16(payload, 0), payload.subarray(2));
        break;
      case FrameType.Cancel:
        this.#aborts.get(task)?.abort(readReason(payload));
        break;
      case FrameType.Init:
        void this.#init(payload.slice());
        break;
      case FrameType.Leave:
        void this.#leave();
        break;
      // An unknown type would come from a newer host of the same protocol version: it can be ignored.
    }
  }

  async #init(payload: Uint8Array): Promise<void> {
    try {
      const init = decode(payload) as Init;
      this.#workerId = init.workerId;
      this.#writeRecord = this.#host.openRecord(init.startRecord);
      writeStartRecord(this.#record, NOTHING_STARTED);
      this.#writeRecord(this.#record);
      this.#module = readExports(await this.#host.importModule(init.module));
      await this.#module.setup?.(init.data);
    } catch (error) {
      this.#writer.write(FrameType.StartFailed, 0, encodeThrown(error));
      return this.#finish(START_FAILED_CODE);
    }
    const ready: Ready = { exports: this.#module.names };
    this.#writer.writeText(FrameType.Ready, JSON.stringify(ready));
    this.#writer.flush();
  }

  #call(id: number, exportIndex: number, payload: Uint8Array): void {
    writeStartRecord(this.#record, id);
    this.#writeRecord(this.#record);
    const controller = new AbortController();
    this.#aborts.set(id, controller);
    const context = { signal: controller.signal, id, workerId: this.#workerId };
    try {
      const args = decode(payload) as unknown[];
      const task = this.#module?.tasks[exportIndex] as (...args: unknown[]) => unknown;
      const result = this.#host.contextStorage.run(context, () => task(...args));
      if (isThenable(result)) {
        Promise.resolve(result).then(
          (value) => this.#succeed(id, value),
          (error: unknown) => this.#fail(id, error),
        );
      } else this.#succeed(id, result);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #succeed(id: number, result: unknown): void {
    this.#aborts.delete(id);
    try {
      this.#writer.write(FrameType.Result, id, encode(result, "result"));
    } catch (error) {
      const { message, path } = error as SerializationError;
      this.#writer.write(FrameType.Unsendable, id, encode({ message, path }, "error"));
    }
  }

  #fail(id: number, thrown: unknown): void {
    this.#aborts.delete(id);
    this.#writer.write(FrameType.Failure, id, encodeThrown(thrown));
  }

  async #leave(): Promise<void> {
    try {
      await this.#module?.teardown?.();
    } catch (error) {
      console.error(error); // nobody waits for it; stderr and the exit code tell
      return this.#finish(1);
    }
    this.#finish(0);
  }

  /** What was written leaves first: the process ends when the channel has. */
  #finish(exitCode: number): void {
    this.exitCode = exitCode;
    this.#writer.flush();
    this.#channel.close();
  }
}

/** Aborts in any case: a reason that can't be read here becomes the error that says so. */
function readReason(payload: Uint8Array): unknown {
  try {
    return decode(payload);
  } catch (error) {
    return error;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
