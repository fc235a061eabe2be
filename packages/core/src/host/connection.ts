/**
 * The host's end of one worker's channel: frames in, frames out. Owns what the frames of a worker may look
 * like; what they mean for the worker and its tasks is decided in slot.ts.
 */
import { PoolError, ProtocolError, SerializationError } from "../errors.ts";
import type { Channel, ChannelEvents } from "../port/runtime.ts";
import { Attached } from "../wire/attached.ts";
import {
  type Codec,
  FrameType,
  type Hello,
  type Init,
  MAX_FRAME_BYTES,
  PROTOCOL_VERSION,
  type Ready,
  RUN_TIME_BYTES,
  type Unsendable,
} from "../wire/frame.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { FrameWriter, type Prefix } from "../wire/frame-writer.ts";
import { isAnsweredWithTaken } from "../wire/in-flight.ts";
import { bytesOfUint32, readUint32 } from "../wire/integers.ts";
import { decode, type EncodedValue, encode, fromUnsendable, isJson } from "../wire/value.ts";
import type { TaskLink } from "./task.ts";

/** What a worker says of the tasks it has. */
export interface TaskEvents {
  /**
   * `outcome` is what the function returned or threw, or why that could not be read or sent; `runTime` in ms, 0 where it
   * was not measured.
   */
  onOutcome(sequence: number, isResult: boolean, outcome: unknown, runTime: number): void;
  /** Of a stream. */
  onItem(sequence: number, item: unknown): void;
  onProgress(sequence: number, value: unknown): void;
  /** An item or a progress that can't be had here. */
  onUnreceivable(sequence: number, error: SerializationError): void;
  /** It wants so many more items of an iterable argument. */
  onPullInput(sequence: number, position: number, count: number): void;
  onInputStop(sequence: number, position: number): void;
}

export interface ConnectionEvents extends TaskEvents {
  onReady(exports: readonly string[]): void;
  onStartFailed(error: unknown): void;
  /** Bytes came, whatever they say: its loop turns. */
  onHeard(): void;
  /** The worker does not speak the protocol; nothing it sends counts any more. */
  onBroken(error: ProtocolError): void;
  onClosed(): void;
}

export class Connection {
  readonly codec: Codec;
  readonly #events: ConnectionEvents;
  readonly #channel: Channel;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #attached = new Attached();
  /** Of the frame that has come now. */
  #buffers: readonly Uint8Array[] | undefined;
  #isBroken = false;

  constructor(channel: Channel, hello: Hello, events: ConnectionEvents) {
    this.codec = hello.codec === "json" ? "json" : "graph";
    this.#events = events;
    this.#channel = channel;
    this.#writer = new FrameWriter(channel);
    this.#reader = new FrameReader(MAX_FRAME_BYTES, (type, task, payload, isOwn) => {
      if (type === FrameType.Bytes) {
        this.#attached.add(payload, isOwn);
        return;
      }
      this.#buffers = this.#attached.take();
      this.#onFrame(type, task, payload);
      if (isAnsweredWithTaken(type, payload)) this.#writer.write(FrameType.Taken, 0);
    });
  }

  /** For the adapter to call. */
  readonly channelEvents: ChannelEvents = {
    onData: (bytes) => {
      if (this.#isBroken) return;
      this.#events.onHeard();
      try {
        this.#reader.push(bytes);
      } catch (error) {
        this.#break(error);
      }
    },
    onClose: () => this.#events.onClosed(),
  };

  /** Sends the Init. Returns why the worker can't be used: its version, or `init.data` can't cross. */
  open(hello: Hello, init: Init): unknown {
    const mismatch = versionError(hello);
    if (mismatch !== undefined) return mismatch;
    try {
      const encoded = encode(init, "worker");
      if (this.codec === "json" && !isJson(encoded)) throw onlyJson();
      this.#writer.write(FrameType.Init, 0, encoded);
      this.#writer.flush();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** `prefix`: the export, the flags and the iterable arguments. */
  call(sequence: number, prefix: Prefix, args: EncodedValue): void {
    this.#writer.write(FrameType.Call, sequence, args, prefix);
  }

  /** The way back for a call whose items flow. */
  link(sequence: number): TaskLink {
    const write = (type: FrameType, prefix: Prefix, value?: EncodedValue) =>
      this.#writer.write(type, sequence, value, prefix);
    return {
      pull: (count) => write(FrameType.Pull, bytesOfUint32(count)),
      input: (position, item) => write(FrameType.Input, [position], item),
      inputEnd: (position) => write(FrameType.InputEnd, [position]),
      inputFailure: (position, error) => write(FrameType.InputFailure, [position], error),
    };
  }

  ping(): void {
    this.#writer.write(FrameType.Ping, 0);
  }

  cancel(sequence: number, reason: EncodedValue): void {
    const sendable = this.codec === "json" && !isJson(reason) ? undefined : reason;
    this.#writer.write(FrameType.Cancel, sequence, sendable ?? encode(undefined, "reason"));
  }

  /** The worker is gone; whoever inherited its end of the channel must not hold ours open. */
  close(): void {
    this.#channel.close();
  }

  leave(): void {
    this.#writer.write(FrameType.Leave, 0);
    this.#writer.flush();
  }

  #onFrame(type: number, task: number, payload: Uint8Array): void {
    if (this.#isBroken) return;
    switch (type) {
      case FrameType.Result:
      case FrameType.Failure:
      case FrameType.Unsendable:
        this.#outcome(type, task, payload);
        break;
      case FrameType.Item:
        this.#receive(task, payload, (item) => this.#events.onItem(task, item));
        break;
      case FrameType.Progress:
        this.#receive(task, payload, (value) => this.#events.onProgress(task, value));
        break;
      case FrameType.PullInput:
        this.#events.onPullInput(task, payload[0] ?? 0, readUint32(payload, 1));
        break;
      case FrameType.InputStop:
        this.#events.onInputStop(task, payload[0] ?? 0);
        break;
      case FrameType.Pong:
        break; // that it came is all it says
      case FrameType.Taken:
        if (!this.#writer.inFlight.taken())
          throw new ProtocolError("Expected no Taken: nothing was on its way");
        break;
      case FrameType.Ready:
        this.#events.onReady(parseReady(payload));
        break;
      case FrameType.StartFailed:
        this.#events.onStartFailed(this.#decode(payload));
        break;
      default:
        throw new ProtocolError(`Expected a frame of type 17 to 28 from a worker, received type ${type}`);
    }
  }

  #decode(payload: Uint8Array, at?: number): unknown {
    return decode(payload, at, this.#buffers);
  }

  /** Shared memory that is gone, say, is the failure of one task. */
  #receive(task: number, payload: Uint8Array, use: (value: unknown) => void): void {
    let value: unknown;
    try {
      value = this.#decode(payload);
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error;
      this.#events.onUnreceivable(task, error);
      return;
    }
    use(value);
  }

  /** A payload that can't be read is the failure of one task: the frames around it are whole. */
  #outcome(type: number, sequence: number, payload: Uint8Array): void {
    let outcome: unknown;
    let isResult = type === FrameType.Result;
    try {
      outcome =
        type === FrameType.Unsendable ? parseUnsendable(payload) : this.#decode(payload, RUN_TIME_BYTES);
    } catch (cause) {
      isResult = false;
      outcome =
        cause instanceof PoolError
          ? cause
          : new ProtocolError("The worker's answer can't be read in this runtime", { cause });
    }
    this.#events.onOutcome(sequence, isResult, outcome, readUint32(payload, 0) / 1_000);
  }

  #break(error: unknown): void {
    this.#isBroken = true;
    this.#events.onBroken(
      error instanceof ProtocolError
        ? error
        : new ProtocolError("A worker sent a frame that can't be read", { cause: error }),
    );
  }
}

function onlyJson(): SerializationError {
  return new SerializationError(
    "Cannot send `worker.data`: this worker reads only JSON, and JSON would change it",
    { path: "worker.data" },
  );
}

/** Undefined when this host can talk to the worker. */
function versionError(hello: Hello): ProtocolError | undefined {
  if (hello.version === PROTOCOL_VERSION) return undefined;
  return new ProtocolError(
    `Expected a worker that speaks protocol version ${PROTOCOL_VERSION}, received version ${hello.version} ` +
      `(${hello.runtime}); install the same version of @reapool/core on both sides`,
  );
}

function parseReady(payload: Uint8Array): readonly string[] {
  const ready = JSON.parse(new TextDecoder().decode(payload)) as Partial<Ready> | null;
  const names = ready?.exports;
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string") || names.length > 0xffff) {
    throw new ProtocolError("Expected a Ready frame to list at most 65535 names of exports");
  }
  return names;
}

function parseUnsendable(payload: Uint8Array): SerializationError {
  return fromUnsendable(decode(payload, RUN_TIME_BYTES) as Partial<Unsendable>);
}
