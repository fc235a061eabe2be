/**
 * The host's end of one worker's channel: frames in, frames out, from the Init with `worker.data` on. Owns the checks of a
 * worker's frames and of what a foreign worker, whose codec is JSON, can be sent; what frames mean for tasks is decided in
 * workload.ts, for the worker in slot.ts.
 */
import { type PoolError, ProtocolError } from "../errors.ts";
import type { Channel, ChannelEvents } from "../port/runtime.ts";
import type { WireTrace } from "../trace.ts";
import { Attached } from "../wire/attached.ts";
import { readFlag } from "../wire/flag.ts";
import {
  type Codec,
  FrameType,
  frameName,
  HEADER_BYTES,
  type Hello,
  type Init,
  MAX_FRAME_BYTES,
  RUN_TIME_BYTES,
} from "../wire/frame.ts";
import { FROM_WORKER, POSITION_BYTES, PULL_INPUT_BYTES } from "../wire/frame-limits.ts";
import { FrameReader } from "../wire/frame-reader.ts";
import { FrameWriter } from "../wire/frame-writer.ts";
import { isAnsweredWithTaken } from "../wire/in-flight.ts";
import { readUint32 } from "../wire/integers.ts";
import { type JournalFile, type Noted, readJournal } from "../wire/journal.ts";
import { decode, encode, fromUnsendable, inJson, isBeyondJson } from "../wire/value.ts";
import { Allowances } from "./allowances.ts";
import { breach, helloError, onlyJson, parseReady } from "./handshake.ts";
import { positionIn } from "./input-position.ts";
import { Outbox } from "./outbox.ts";
import { type OutputClock, OutputFirst } from "./output-first.ts";

/** What a worker sends about its tasks. */
export interface TaskEvents {
  /**
   * @param outcome What the function returned or threw, or why that could not be read or sent.
   * @param runTime In ms, 0 when it was not measured.
   */
  onOutcome(sequence: number, isResult: boolean, outcome: unknown, runTime: number): void;
  /** An item of a stream. */
  onItem(sequence: number, item: unknown): void;
  onProgress(sequence: number, value: unknown): void;
  /** An item or a progress value that can't be received here. */
  onUnreceivable(sequence: number, error: PoolError): void;
  /** It asks for `count` more items of an iterable argument. */
  onPullInput(sequence: number, position: number, count: number): void;
  onInputStop(sequence: number, position: number): void;
}

export interface ConnectionEvents extends TaskEvents {
  onReady(exports: readonly string[]): void;
  onStartFailed(error: unknown): void;
  /** Whether code of the application listens to SIGTERM. */
  onHearing(isHeard: boolean): void;
  /** The error the worker says it is dying of; undefined when it has sent something since, and so is still alive. */
  onDying(error: unknown): void;
  /** Bytes have arrived: its event loop turns. */
  onHeard(): void;
  /** The worker violates the protocol; whatever it sends is ignored from now on. */
  onBroken(error: ProtocolError): void;
  onClosed(): void;
}

export class Connection {
  readonly codec: Codec;
  readonly outbox: Outbox;
  readonly #events: ConnectionEvents;
  readonly #channel: Channel;
  readonly #trace: WireTrace | undefined;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #attached: Attached;
  /** Buffers of the current frame. */
  #buffers: readonly Uint8Array[] | undefined;
  /** Bytes read since the Hello, modulo 2³². */
  #received = 0;
  /** Of these, bytes read from the journal that have yet to arrive through the channel. */
  #early = 0;
  /** Pings that were not answered. */
  #pings = 0;
  readonly #allowances = new Allowances();
  readonly #outputFirst: OutputFirst | undefined;
  /** A callback of the application, within a frame, may have the journal read: what that brings comes behind this chunk. */
  #isReading = false;
  readonly #unread: Uint8Array[] = [];
  #isReady = false;
  #isDying = false;
  #isOver = false;

  /** @param output Of a worker whose output becomes events, or may be heard by calls. */
  constructor(
    channel: Channel,
    hello: Hello,
    events: ConnectionEvents,
    trace?: WireTrace,
    output?: OutputClock,
  ) {
    if (output !== undefined) {
      const to = { pass: (bytes: Uint8Array) => this.#read(bytes), onClosed: () => events.onClosed() };
      this.#outputFirst = new OutputFirst(output, to);
    }
    this.codec = hello.codec === "json" ? "json" : "graph";
    this.#events = events;
    this.#channel = channel;
    this.#trace = trace;
    trace?.note(`Hello of ${hello.runtime}, ${this.codec}`);
    this.#writer = new FrameWriter(channel, false, trace);
    this.#attached = new Attached(this.#writer);
    this.outbox = new Outbox(this.#writer, this.codec, this.#allowances, this.#outputFirst);
    this.#reader = new FrameReader(
      MAX_FRAME_BYTES,
      (type, task, payload, isOwn) => {
        if (this.#isOver) return;
        trace?.received(frameName(type), task, HEADER_BYTES + payload.length);
        if (this.#attached.onFrame(type, payload, isOwn)) return;
        this.#buffers = this.#attached.take();
        this.#onFrame(type, task, payload);
        if (this.codec === "graph" && isAnsweredWithTaken(type, payload)) {
          this.#writer.write(FrameType.Taken, 0);
        }
      },
      FROM_WORKER,
    );
  }

  /** Called by the adapter. */
  readonly channelEvents: ChannelEvents = {
    onData: (bytes) => {
      this.#events.onHeard();
      const known = Math.min(this.#early, bytes.length);
      this.#early -= known;
      if (known < bytes.length) this.#take(known === 0 ? bytes : bytes.subarray(known));
    },
    onClose: () => {
      if (this.#outputFirst?.isOn !== true) this.#events.onClosed();
      else this.#outputFirst.holdClosed();
    },
  };

  /** Reads from the journal what the worker has written and the channel has not delivered yet. */
  readJournal(file: JournalFile): Noted {
    const noted = readJournal(file, this.#received);
    if (noted.missing !== undefined) {
      this.#trace?.note(`${noted.missing.length} B in the journal before the channel has brought them`);
      this.#events.onHeard();
      this.#early += noted.missing.length;
      this.#take(noted.missing);
    }
    return this.#isReading ? { ...noted, isBehind: true } : noted;
  }

  #take(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#received = (this.#received + bytes.length) >>> 0;
    if (this.#outputFirst?.isOn !== true) this.#read(bytes);
    else this.#outputFirst.hold(bytes);
  }

  /** Passes on what waits for output of the worker. */
  release(): void {
    this.#outputFirst?.release();
  }

  #read(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#isReading) {
      this.#unread.push(bytes);
      return;
    }
    this.#isReading = true;
    try {
      this.#reader.push(bytes);
    } catch (error) {
      this.#break(error);
    }
    this.#isReading = false;
    const next = this.#unread.shift();
    if (next !== undefined) this.#read(next);
  }

  /** Sends the Init. Returns why the worker can't be used, if so: its version, or `init.data` can't be sent. */
  open(hello: Hello, init: Init): unknown {
    const mismatch = helloError(hello);
    if (mismatch !== undefined) return mismatch;
    try {
      const encoded = encode(init, "worker");
      const sendable = this.codec === "json" ? inJson(encoded, "worker") : encoded;
      if (sendable === undefined) throw onlyJson();
      this.#writer.write(FrameType.Init, 0, sendable);
      this.#writer.flush();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  /** The kernel has all that was written, so that its memory may be used again. */
  get hasSentAll(): boolean {
    return !this.outbox.isWaiting && this.#writer.unsent === 0;
  }

  ping(): void {
    this.#pings++;
    this.#writer.write(FrameType.Ping, 0);
  }

  /** The worker is gone; a process that inherited its end of the channel must not keep ours open. */
  close(): void {
    this.outbox.end();
    this.#channel.close();
  }

  /** Call when its last bytes were read: lets go of the memory shared with the worker, and ignores what still comes. */
  end(): void {
    this.#isOver = true;
    this.#attached.end();
  }

  /** What waits in the worker is not to start any more: nothing of it was begun when the worker has ended. */
  hold(): void {
    if (this.codec === "json") return; // for a worker in another language that is one frame more to know
    this.#writer.write(FrameType.Hold, 0);
    this.#writer.flush();
  }

  leave(): void {
    this.#writer.write(FrameType.Leave, 0);
    this.#writer.flush();
  }

  #onFrame(type: number, task: number, payload: Uint8Array): void {
    switch (type) {
      case FrameType.Result:
      case FrameType.Failure:
      case FrameType.Unsendable:
        this.#outcome(type, task, payload);
        break;
      case FrameType.Item:
        this.#allowances.item(task);
        this.#receive(task, payload, "onItem");
        break;
      case FrameType.Progress:
        this.#allowances.progress(task);
        this.#receive(task, payload, "onProgress");
        break;
      case FrameType.PullInput: {
        const position = positionIn(payload, PULL_INPUT_BYTES);
        const count = readUint32(payload, 1);
        this.#allowances.pullInput(task, position, count);
        this.#grant(task, position, count);
        break;
      }
      case FrameType.InputStop: {
        const position = positionIn(payload, POSITION_BYTES);
        this.#allowances.inputStop(task, position);
        this.#events.onInputStop(task, position);
        break;
      }
      case FrameType.Pong:
        if (this.#pings-- === 0) throw new ProtocolError("Expected no Pong: there was no Ping to answer");
        break; // onHeard has noted it
      case FrameType.Taken:
        if (!this.#writer.inFlight.taken())
          throw new ProtocolError("Expected no Taken: nothing was in flight");
        break;
      case FrameType.Ready:
        this.#events.onReady(parseReady(payload));
        this.#isReady = true;
        break;
      case FrameType.StartFailed:
        if (this.#isReady) throw new ProtocolError("Expected no StartFailed of a worker that was ready");
        this.#events.onStartFailed(this.#decode(payload));
        break;
      case FrameType.Hearing:
        this.#events.onHearing(readFlag(payload, "Hearing"));
        return; // also what a dying process stops listening to at its exit: it takes no Dying back
      case FrameType.Dying:
        this.#events.onDying(this.#decode(payload));
        this.#isDying = true;
        return;
      default:
        throw new ProtocolError(`Expected a frame of type 17 to 33 from a worker, received type ${type}`);
    }
    if (this.#isDying) {
      this.#isDying = false; // the error was caught in the worker after all
      this.#events.onDying(undefined);
    }
  }

  /** A worker that asks for more and reads nothing waits until the kernel has what it was sent. */
  #grant(task: number, position: number, count: number): void {
    if (this.#writer.unsent <= MAX_UNSENT_BYTES) this.#events.onPullInput(task, position, count);
    else {
      this.#writer.whenSent(() => {
        if (this.#allowances.has(task)) this.#grant(task, position, count);
      });
    }
  }

  #decode(payload: Uint8Array, at = 0): unknown {
    if (this.codec === "json" && isBeyondJson(payload, at)) {
      throw new ProtocolError("Expected JSON or nothing from a worker whose codec is JSON");
    }
    return decode(payload, at, this.#buffers);
  }

  /** A value that can't be read fails one task only: the frames around it are intact. */
  #receive(task: number, payload: Uint8Array, event: "onItem" | "onProgress"): void {
    let value: unknown;
    try {
      value = this.#decode(payload);
    } catch (error) {
      this.#events.onUnreceivable(task, error as PoolError);
      return;
    }
    this.#events[event](task, value);
  }

  /** A value that can't be read fails its task here too. */
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
    this.#isOver = true;
    this.#events.onBroken(breach(error));
  }
}

/** Above this, no more items are taken from an iterable argument. */
const MAX_UNSENT_BYTES = 1024 * 1024;
