/**
 * Cuts the bytes of a channel into frames. Whole frames are passed on in place, without a copy; only a frame that
 * arrives in pieces is assembled, with its payload in its own buffer. Does not interpret payloads.
 */
import { ProtocolError } from "../errors.ts";
import { HEADER_BYTES, HEADER_BYTES_IN_LENGTH } from "./frame.ts";
import { checkLength, type FrameLimits } from "./frame-limits.ts";
import { readUint32 } from "./integers.ts";
import { memoryFor } from "./snapshot.ts";

/**
 * `payload` is valid only during the call. If `isOwn` is true, the frame arrived in pieces, and the receiver may keep
 * the whole buffer.
 */
export type OnFrame = (type: number, task: number, payload: Uint8Array, isOwn: boolean) => void;

/** Longer frames get their memory as they arrive, so that a length alone costs nothing. */
const TRUSTED_BYTES = 64 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #maxBytes: number;
  readonly #limits: FrameLimits | undefined;
  /** The frame in pieces: `#held` bytes of its header, then `#filled` bytes of its payload have arrived. */
  readonly #header: Uint8Array = new Uint8Array(HEADER_BYTES);
  #held = 0;
  #payload: Uint8Array | undefined;
  #filled = 0;
  #broken: { readonly error: unknown } | undefined;

  /**
   * @param maxBytes The largest length.
   * @param limits Of the types that this side is sent.
   */
  constructor(maxBytes: number, onFrame: OnFrame, limits?: FrameLimits) {
    this.#maxBytes = maxBytes;
    this.#limits = limits;
    this.#onFrame = onFrame;
  }

  /** @throws ProtocolError when a length can't be that of a frame, or of one of its type, and at each later push. */
  push(chunk: Uint8Array): void {
    if (this.#broken !== undefined) throw this.#broken.error;
    try {
      this.#cut(chunk);
    } catch (error) {
      this.#broken = { error }; // frame boundaries are lost
      throw error;
    }
  }

  #cut(chunk: Uint8Array): void {
    let start = 0;
    while (start < chunk.length) {
      if (this.#held > 0) start = this.#goOn(chunk, start);
      else if (chunk.length - start < HEADER_BYTES) start = this.#begin(chunk, start);
      else {
        const end = start + HEADER_BYTES + this.#payloadBytes(chunk, start);
        if (end > chunk.length) start = this.#begin(chunk, start);
        else {
          this.#emitInPlace(chunk, start, end);
          start = end;
        }
      }
    }
  }

  /** Reads as much of a header as there is; returns where it ends. */
  #begin(chunk: Uint8Array, start: number): number {
    const end = Math.min(chunk.length, start + HEADER_BYTES - this.#held);
    for (let at = start; at < end; at++) this.#header[this.#held++] = chunk[at] as number;
    if (this.#held === HEADER_BYTES) this.#open(this.#payloadBytes(this.#header, 0));
    return end;
  }

  #goOn(chunk: Uint8Array, start: number): number {
    if (this.#payload === undefined) return this.#begin(chunk, start);
    const bytes = this.#payloadBytes(this.#header, 0);
    const end = Math.min(chunk.length, start + bytes - this.#filled);
    this.#hold(chunk, start, end, bytes);
    if (this.#filled === bytes) this.#emitOwn(this.#payload);
    return end;
  }

  #open(bytes: number): void {
    this.#payload = bytes <= TRUSTED_BYTES ? memoryFor(bytes) : new Uint8Array(FIRST_BYTES);
    this.#filled = 0;
    if (bytes === 0) this.#emitOwn(this.#payload);
  }

  #hold(chunk: Uint8Array, start: number, end: number, bytes: number): void {
    let payload = this.#payload as Uint8Array;
    const needed = this.#filled + end - start;
    if (needed > payload.length) {
      payload = new Uint8Array(Math.min(bytes, Math.max(needed, payload.length * 2)));
      payload.set((this.#payload as Uint8Array).subarray(0, this.#filled));
      this.#payload = payload;
    }
    payload.set(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end), this.#filled);
    this.#filled = needed;
  }

  #payloadBytes(bytes: Uint8Array, start: number): number {
    const length = readUint32(bytes, start);
    if (length < HEADER_BYTES_IN_LENGTH || length > this.#maxBytes) {
      throw new ProtocolError(
        `Expected a frame length from ${HEADER_BYTES_IN_LENGTH} to ${this.#maxBytes} bytes, received ${length}: ` +
          "the bytes on the channel are not frames of this protocol",
      );
    }
    const payload = length - HEADER_BYTES_IN_LENGTH;
    if (this.#limits !== undefined) checkLength(this.#limits, bytes[start + 4] as number, payload);
    return payload;
  }

  #emitOwn(payload: Uint8Array): void {
    this.#held = 0;
    this.#payload = undefined;
    this.#onFrame(this.#header[4] as number, readUint32(this.#header, 5), payload, true);
  }

  #emitInPlace(chunk: Uint8Array, start: number, end: number): void {
    const from = start + HEADER_BYTES;
    // Not `subarray`: on a Buffer it creates another Buffer, at three times the cost.
    const payload = new Uint8Array(chunk.buffer, chunk.byteOffset + from, end - from);
    this.#onFrame(chunk[start + 4] as number, readUint32(chunk, start + 5), payload, false);
  }
}
