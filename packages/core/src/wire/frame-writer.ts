/**
 * Writes frames to a channel: all frames of one tick leave in one write. Small frames are built side by side
 * in one buffer; what is large travels as it is, without a second copy.
 */

import type { Channel } from "../port/runtime.ts";
import { type FrameType, HEADER_BYTES, HEADER_BYTES_IN_LENGTH } from "./frame.ts";
import { writeUint32 } from "./integers.ts";
import { writeText } from "./text.ts";
import { type EncodedValue, VALUE_HEADER_BYTES, writeValueHeader } from "./value.ts";

/** Room for a few hundred small frames; measured on an echo, larger ones gain nothing. */
const BUFFER_BYTES = 64 * 1024;
/** A UTF-16 unit takes at most this many bytes of UTF-8. */
const MAX_BYTES_PER_UNIT = 3;

/** Who never stops writing does not keep the others' frames for ever. */
const MAX_ROUNDS = 64;

const encoder = new TextEncoder();

/** The bytes between a frame's header and its value. */
export type Prefix = ArrayLike<number>;

const NO_PREFIX: Prefix = [];

export class FrameWriter {
  readonly #channel: Channel;
  /** Written bytes are never written over: the channel may still hold them. A full buffer is left to it. */
  #buffer: Uint8Array = new Uint8Array(BUFFER_BYTES);
  #flushed = 0;
  #end = 0;
  #isScheduled = false;
  /** What the round of microtasks before this one had written. */
  #seen = 0;
  #rounds = 0;

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** A frame whose payload is a value, or nothing; `prefix` is what stands before it. */
  write(type: FrameType, task: number, value?: EncodedValue, prefix: Prefix = NO_PREFIX): void {
    const before = HEADER_BYTES + prefix.length;
    const room = value === undefined ? 0 : VALUE_HEADER_BYTES + value.text.length * MAX_BYTES_PER_UNIT;
    if (before + room > BUFFER_BYTES || value?.attachments !== undefined) {
      this.#largeFrame(type, task, prefix, value as EncodedValue);
      return;
    }
    const start = this.#reserve(before + room);
    this.#prefix(start, prefix);
    let end = start + before;
    if (value !== undefined) {
      const textStart = end + VALUE_HEADER_BYTES;
      const textBytes = writeText(this.#buffer, textStart, value.text);
      writeValueHeader(this.#buffer, end, value.kind, textBytes);
      end = textStart + textBytes;
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

  /** Something is written that has not left. */
  get isHolding(): boolean {
    return this.#end !== this.#flushed;
  }

  /** Sends what is written now; without a call it leaves at the end of the tick. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#end === this.#flushed) return;
    const bytes = this.#buffer.subarray(this.#flushed, this.#end);
    this.#flushed = this.#end;
    this.#channel.write(bytes);
  }

  /** Header and lengths in the shared buffer, then the text and each attachment in a write of its own. */
  #largeFrame(type: FrameType, task: number, prefix: Prefix, value: EncodedValue): void {
    const before = HEADER_BYTES + prefix.length;
    const text = encoder.encode(value.text);
    const attachments = value.attachments ?? [];
    let payload = prefix.length + VALUE_HEADER_BYTES + text.length;
    for (const bytes of attachments) payload += bytes.length;
    const start = this.#reserve(before + VALUE_HEADER_BYTES);
    this.#header(start, type, task, payload);
    this.#prefix(start, prefix);
    writeValueHeader(this.#buffer, start + before, value.kind, text.length);
    this.#commit(start + before + VALUE_HEADER_BYTES);
    this.flush();
    this.#channel.write(text);
    for (const bytes of attachments) if (bytes.length > 0) this.#channel.write(bytes);
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
    this.#end = end;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#rounds = 0;
    queueMicrotask(this.#endRound);
  }

  /** The tick is over when a whole round of microtasks has brought no further frame: whoever awaits an answer, and then
   * sends the next call, does so some rounds later. */
  readonly #endRound = (): void => {
    if (!this.#isScheduled) return;
    if (this.#end === this.#seen || this.#rounds === MAX_ROUNDS) {
      this.flush();
      return;
    }
    this.#seen = this.#end;
    this.#rounds++;
    queueMicrotask(this.#endRound);
  };

  #prefix(start: number, prefix: Prefix): void {
    for (let i = 0; i < prefix.length; i++) this.#buffer[start + HEADER_BYTES + i] = prefix[i] as number;
  }

  #header(at: number, type: FrameType, task: number, payloadBytes: number): void {
    const buffer = this.#buffer;
    writeUint32(buffer, at, payloadBytes + HEADER_BYTES_IN_LENGTH);
    buffer[at + 4] = type;
    writeUint32(buffer, at + 5, task);
  }
}
