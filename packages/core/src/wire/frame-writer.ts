/**
 * Writes frames to a channel: all frames of one tick leave in one write. Small frames are built one after another in
 * one buffer; large ones are sent as they are, without a second copy. When a worker's answers leave sooner or later than
 * that is decided in worker/answers.ts.
 */
import { inMicrotask } from "../microtask.ts";
import type { Channel } from "../port/runtime.ts";
import { FrameType, frameName, HEADER_BYTES, HEADER_BYTES_IN_LENGTH } from "./frame.ts";
import { InFlight } from "./in-flight.ts";
import { bytesOfUint32, writeUint32 } from "./integers.ts";
import { jsonText } from "./json-text.ts";
import { LaneOut } from "./lane.ts";
import { letGo } from "./snapshot.ts";
import { writeText } from "./text.ts";
import { type EncodedValue, VALUE_HEADER_BYTES, writeValueHeader } from "./value.ts";

/** Room for a few hundred small frames; larger buffers gained nothing when measured on an echo. */
const BUFFER_BYTES = 64 * 1024;
/** A value's buffers are copied into its frame if they are no larger than this together. */
const INLINE_BYTES = 16 * 1024;
/** A UTF-16 unit takes at most this many bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;
/** A tick that never stops writing must not hold back frames for ever. */
const MAX_ROUNDS = 64;

const encoder = new TextEncoder();

/** The bytes between a frame's header and its value. */
export type Prefix = ArrayLike<number>;

const NO_PREFIX: Prefix = [];
const NOTHING: Uint8Array = new Uint8Array(0);

/** Gets a copy of everything that goes to the channel. */
export interface Copyist {
  append(bytes: Uint8Array, start: number, end: number): void;
}

/** Hears of each frame that is written. */
export interface FrameWitness {
  sent(type: string, task: number, bytes: number): void;
}

export class FrameWriter {
  /** The shared buffers in transit. */
  readonly inFlight: InFlight = new InFlight();
  /** Where large buffers go instead of the channel. */
  readonly lane: LaneOut = new LaneOut((handle) => this.writeText(FrameType.Lane, jsonText(handle)));
  readonly #channel: Channel;
  readonly #isOnlySender: boolean;
  readonly #witness: FrameWitness | undefined;
  /** Gets everything that is written from now on. */
  copyist: Copyist | undefined;
  /** Bytes are never overwritten: the channel may still hold them. It keeps a full buffer. */
  #buffer: Uint8Array = new Uint8Array(BUFFER_BYTES);
  #flushed = 0;
  #end = 0;
  #isScheduled = false;
  /** What had been written before this round of microtasks. */
  #seen = 0;
  #rounds = 0;

  /** @param isOnlySender What it has sent is never sent again: true for answers, but not for calls. */
  constructor(channel: Channel, isOnlySender = false, witness?: FrameWitness) {
    this.#channel = channel;
    this.#isOnlySender = isOnlySender;
    this.#witness = witness;
  }

  /** A frame whose payload is a value, or empty; `prefix` precedes the value. */
  write(type: FrameType, task: number, value?: EncodedValue, prefix: Prefix = NO_PREFIX): void {
    let payload = prefix.length;
    let inline: readonly Uint8Array[] | undefined;
    if (value !== undefined) {
      if (value.shared !== undefined) this.inFlight.add(type, value.shared);
      payload += VALUE_HEADER_BYTES + value.text.length * MAX_BYTES_PER_UNIT;
      if (value.attachments !== undefined) {
        const bytes = lengthOf(value.attachments);
        if (bytes > INLINE_BYTES) this.#attach(type, task, value.attachments);
        else {
          inline = value.attachments;
          payload += bytes;
        }
      }
      if (HEADER_BYTES + payload > BUFFER_BYTES) {
        this.#longText(type, task, prefix, value, inline);
        return;
      }
    }
    const start = this.#reserve(HEADER_BYTES + payload);
    let end = this.#prefix(start, prefix);
    if (value !== undefined) {
      const textStart = end + VALUE_HEADER_BYTES;
      const textBytes = writeText(this.#buffer, textStart, value.text);
      writeValueHeader(this.#buffer, end, value.kind, textBytes);
      end = this.#copy(textStart + textBytes, inline);
    }
    this.#header(start, type, task, end - start - HEADER_BYTES);
    this.#commit(end);
  }

  /** A frame whose payload is JSON text: the handshake, which a peer reads before a codec is agreed on. */
  writeText(type: FrameType, text: string): void {
    const bytes = encoder.encode(text);
    const start = this.#reserve(HEADER_BYTES + bytes.length);
    this.#header(start, type, 0, bytes.length);
    this.#buffer.set(bytes, start + HEADER_BYTES);
    this.#commit(start + HEADER_BYTES + bytes.length);
  }

  /** Something has been written that has not left yet. */
  get isHolding(): boolean {
    return this.#end !== this.#flushed;
  }

  /** Written bytes that the kernel does not have yet. */
  get unsent(): number {
    return this.#end - this.#flushed + this.#channel.unsent;
  }

  /** Calls back once the kernel has everything written so far. */
  whenSent(callback: () => void): void {
    this.flush();
    this.#channel.write(NOTHING, callback);
  }

  /** Sends what has been written now; otherwise it leaves at the end of the tick. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#end === this.#flushed) return;
    const bytes = this.#buffer.subarray(this.#flushed, this.#end);
    this.#flushed = this.#end;
    this.#channel.write(bytes);
  }

  /** Each buffer goes into the lane, or into a Bytes frame and a write of its own, without a copy. */
  #attach(type: FrameType, task: number, attachments: readonly Uint8Array[]): void {
    const letGoOf = this.#isOnlySender ? letGo : undefined;
    for (const bytes of attachments) {
      if (bytes.length === 0) continue;
      // The worker would answer the Lane before its journal begins, which has to hold all that it writes.
      if (type !== FrameType.Init && this.#lay(task, bytes)) {
        letGoOf?.(bytes);
        continue;
      }
      const start = this.#reserve(HEADER_BYTES);
      this.#header(start, FrameType.Bytes, task, bytes.length);
      this.#commit(start + HEADER_BYTES);
      this.flush();
      this.#writeApart(bytes, letGoOf && (() => letGoOf(bytes)));
    }
  }

  /** False if the buffer has to go through the channel. */
  #lay(task: number, bytes: Uint8Array): boolean {
    const start = this.lane.lay(bytes);
    if (start === undefined) return false;
    this.write(FrameType.Laid, task, undefined, [...bytesOfUint32(start), ...bytesOfUint32(bytes.length)]);
    return true;
  }

  /** Sends the text in its own write. */
  #longText(
    type: FrameType,
    task: number,
    prefix: Prefix,
    value: EncodedValue,
    inline: readonly Uint8Array[] = [],
  ): void {
    const text = encoder.encode(value.text);
    const start = this.#reserve(HEADER_BYTES + prefix.length + VALUE_HEADER_BYTES);
    const end = this.#prefix(start, prefix);
    this.#header(start, type, task, prefix.length + VALUE_HEADER_BYTES + text.length + lengthOf(inline));
    writeValueHeader(this.#buffer, end, value.kind, text.length);
    this.#commit(end + VALUE_HEADER_BYTES);
    this.flush();
    this.#writeApart(text);
    for (const bytes of inline) this.#writeApart(bytes);
  }

  /** Sends the bytes in their own write, without copying them into the buffer. */
  #writeApart(bytes: Uint8Array, onSent?: () => void): void {
    this.copyist?.append(bytes, 0, bytes.length);
    this.#channel.write(bytes, onSent);
  }

  /** Where a frame of at most `bytes` may begin. */
  #reserve(bytes: number): number {
    if (this.#end + bytes > this.#buffer.length) {
      this.flush();
      this.#buffer = new Uint8Array(Math.max(BUFFER_BYTES, bytes));
      this.#flushed = 0;
      this.#end = 0;
    }
    return this.#end;
  }

  #commit(end: number): void {
    this.copyist?.append(this.#buffer, this.#end, end);
    this.#end = end;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#rounds = 0;
    inMicrotask(this.#endRound);
  }

  /**
   * The tick is over when a whole round of microtasks has added no frame: code that awaits an answer and then sends
   * the next call does so some rounds later.
   */
  readonly #endRound = (): void => {
    if (!this.#isScheduled) return;
    if (this.#end === this.#seen || this.#rounds === MAX_ROUNDS) {
      this.flush();
      return;
    }
    this.#seen = this.#end;
    this.#rounds++;
    inMicrotask(this.#endRound);
  };

  /** Returns where it ends. */
  #prefix(start: number, prefix: Prefix): number {
    const from = start + HEADER_BYTES;
    for (let i = 0; i < prefix.length; i++) this.#buffer[from + i] = prefix[i] as number;
    return from + prefix.length;
  }

  #copy(at: number, inline: readonly Uint8Array[] | undefined): number {
    if (inline === undefined) return at;
    let end = at;
    for (const bytes of inline) {
      this.#buffer.set(bytes, end);
      end += bytes.length;
    }
    return end;
  }

  #header(at: number, type: FrameType, task: number, payloadBytes: number): void {
    this.#witness?.sent(frameName(type), task, HEADER_BYTES + payloadBytes);
    const buffer = this.#buffer;
    writeUint32(buffer, at, payloadBytes + HEADER_BYTES_IN_LENGTH);
    buffer[at + 4] = type;
    writeUint32(buffer, at + 5, task);
  }
}

function lengthOf(buffers: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const buffer of buffers) bytes += buffer.length;
  return bytes;
}
