/**
 * The host's end of one worker's channel: frames in, frames out. Owns what the frames of a worker may look
 * like; what they mean for the worker and its tasks is decided in slot.ts.
 */
import { type PoolError, ProtocolError, SerializationError } from "../errors.ts";
import type { Channel, ChannelEvents } from "../port/runtime.ts";
import type { TaskLink } from "../task/request.ts";
import { Attached } from "../wire/attached.ts";
import {
  type Codec,
  FrameType,
  type Hello,
  type Init,
  MAX_FRAME_BYTES,
  RUN_TIME_BYTES,
} from "../wire/frame.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { FrameWriter, type Prefix } from "../wire/frame-writer.ts";
import { isAnsweredWithTaken } from "../wire/in-flight.ts";
import { bytesOfUint32, readUint32 } from "../wire/integers.ts";
import { type JournalFile, type Noted, readJournal } from "../wire/journal.ts";
import { decode, type EncodedValue, encode, fromUnsendable, isBeyondJson, isJson } from "../wire/value.ts";
import { Allowances } from "./allowances.ts";
import { helloError, parseReady } from "./handshake.ts";

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
  /** An item or a progress that can't be read, or had here. */
  onUnreceivable(sequence: number, error: PoolError): void;
  /** It wants so many more items of an iterable argument. */
  onPullInput(sequence: number, position: number, count: number): void;
  onInputStop(sequence: number, position: number): void;
}

export interface ConnectionEvents extends TaskEvents {
  onReady(exports: readonly string[]): void;
  onStartFailed(error: unknown): void;
  /** What it dies of, as it says: undefined when it has said something since, and so lives on. */
  onDying(error: unknown): void;
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
  /** Bytes taken since the Hello, modulo 2³². */
  #received = 0;
  /** Of these, how many were read in the journal, and have yet to come by the channel. */
  #early = 0;
  readonly #allowances = new Allowances();
  #isReady = false;
  #isDying = false;
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
      if (this.codec === "graph" && isAnsweredWithTaken(type, payload)) {
        this.#writer.write(FrameType.Taken, 0);
      }
    });
  }

  get received(): number {
    return this.#received;
  }

  /** For the adapter to call. */
  readonly channelEvents: ChannelEvents = {
    onData: (bytes) => {
      this.#events.onHeard();
      const known = Math.min(this.#early, bytes.length);
      this.#early -= known;
      if (known < bytes.length) this.#take(known === 0 ? bytes : bytes.subarray(known));
    },
    onClose: () => this.#events.onClosed(),
  };

  /** Takes what the worker has written and the channel has not brought, as far as the journal knows it. */
  readJournal(file: JournalFile): Noted {
    const noted = readJournal(file, this.#received);
    if (noted.missing !== undefined) {
      this.#events.onHeard();
      this.#early += noted.missing.length;
      this.#take(noted.missing);
    }
    return noted;
  }

  #take(bytes: Uint8Array): void {
    if (this.#isBroken) return;
    this.#received = (this.#received + bytes.length) >>> 0;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#break(error);
    }
  }

  /** Sends the Init. Returns why the worker can't be used: its version, or `init.data` can't cross. */
  open(hello: Hello, init: Init): unknown {
    const mismatch = helloError(hello);
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
    this.#allowances.onCall(sequence, prefix);
    this.#writer.write(FrameType.Call, sequence, args, prefix);
  }

  /** The way back for a call whose items flow. */
  link(sequence: number): TaskLink {
    const write = (type: FrameType, prefix: Prefix, value?: EncodedValue) =>
      this.#writer.write(type, sequence, value, prefix);
    return {
      pull: (count) => {
        this.#allowances.onPull(sequence, count);
        write(FrameType.Pull, bytesOfUint32(count));
      },
      input: (position, item) => {
        this.#allowances.onInput(sequence, position);
        write(FrameType.Input, [position], item);
      },
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
        this.#allowances.item(task);
        this.#receive(task, payload, (item) => this.#events.onItem(task, item));
        break;
      case FrameType.Progress:
        this.#allowances.progress(task);
        this.#receive(task, payload, (value) => this.#events.onProgress(task, value));
        break;
      case FrameType.PullInput: {
        const position = positionIn(payload, PULL_INPUT_BYTES);
        const count = readUint32(payload, 1);
        this.#allowances.pullInput(task, position, count);
        this.#events.onPullInput(task, position, count);
        break;
      }
      case FrameType.InputStop: {
        const position = positionIn(payload, INPUT_STOP_BYTES);
        this.#allowances.inputStop(task, position);
        this.#events.onInputStop(task, position);
        break;
      }
      case FrameType.Pong:
        break; // that it came is all it says
      case FrameType.Taken:
        if (!this.#writer.inFlight.taken())
          throw new ProtocolError("Expected no Taken: nothing was on its way");
        break;
      case FrameType.Ready:
        this.#events.onReady(parseReady(payload));
        this.#isReady = true;
        break;
      case FrameType.StartFailed:
        if (this.#isReady) throw new ProtocolError("Expected no StartFailed of a worker that was ready");
        this.#events.onStartFailed(this.#decode(payload));
        break;
      case FrameType.Dying:
        this.#events.onDying(this.#decode(payload));
        this.#isDying = true;
        return;
      default:
        throw new ProtocolError(`Expected a frame of type 17 to 29 from a worker, received type ${type}`);
    }
    if (this.#isDying) {
      this.#isDying = false; // somebody in the worker has caught it after all
      this.#events.onDying(undefined);
    }
  }

  #decode(payload: Uint8Array, at = 0): unknown {
    if (this.codec === "json" && isBeyondJson(payload, at)) {
      throw new ProtocolError("Expected JSON or nothing from a worker whose codec is JSON");
    }
    return decode(payload, at, this.#buffers);
  }

  /** A value that can't be read is the failure of one task: the frames around it are whole. */
  #receive(task: number, payload: Uint8Array, use: (value: unknown) => void): void {
    let value: unknown;
    try {
      value = this.#decode(payload);
    } catch (error) {
      this.#events.onUnreceivable(task, error as PoolError);
      return;
    }
    use(value);
  }

  /** As above. */
  #outcome(type: number, sequence: number, payload: Uint8Array): void {
    let outcome: unknown;
    let isResult = type === FrameType.Result;
    try {
      outcome = this.#decode(payload, RUN_TIME_BYTES);
      if (type === FrameType.Unsendable) outcome = fromUnsendable(outcome);
    } catch (error) {
      isResult = false;
      outcome = error;
    }
    this.#allowances.onAnswer(sequence);
    const runTime = payload.length < RUN_TIME_BYTES ? 0 : readUint32(payload, 0) / 1_000;
    this.#events.onOutcome(sequence, isResult, outcome, runTime);
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

const PULL_INPUT_BYTES = 5;
const INPUT_STOP_BYTES = 1;

/** Of the argument that a frame of so many bytes is about. */
function positionIn(payload: Uint8Array, bytes: number): number {
  if (payload.length === bytes) return payload[0] as number;
  throw new ProtocolError(`Expected ${bytes} bytes about an iterable argument, received ${payload.length}`);
}
