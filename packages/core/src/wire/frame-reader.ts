/**
 * Cuts the bytes of a channel into frames. Whole frames are handed over in place, without a copy; only one
 * that arrives in pieces is put together. Knows nothing of what a payload means.
 */
import { ProtocolError } from "../errors.ts";
import { HEADER_BYTES, HEADER_BYTES_IN_LENGTH } from "./frame.ts";
import { readUint32 } from "./integers.ts";

/** `payload` is valid only during the call. */
export type OnFrame = (type: number, task: number, payload: Uint8Array) => void;

const NO_BYTES = new Uint8Array(0);
/** Memory for a frame in pieces grows with what has arrived, so that a length alone costs nothing. */
const FIRST_PIECES_BYTES = 64 * 1024;

export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #maxBytes: number;
  /** The frame in pieces: `#held` bytes of it have arrived. */
  #pieces: Uint8Array = NO_BYTES;
  #held = 0;

  constructor(maxBytes: number, onFrame: OnFrame) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  /** @throws ProtocolError when a length can't be that of a frame; the channel is of no use after that. */
  push(chunk: Uint8Array): void {
    let rest = chunk;
    while (this.#held > 0 && rest.length > 0) rest = this.#completePieces(rest);
    let start = 0;
    while (rest.length - start >= HEADER_BYTES) {
      const end = start + this.#frameBytes(rest, start);
      if (end > rest.length) break;
      this.#emit(rest, start, end);
      start = end;
    }
    if (start < rest.length) this.#hold(rest.subarray(start));
  }

  /** Takes from `rest` what the frame in pieces lacks, its header first; returns what is left over. */
  #completePieces(rest: Uint8Array): Uint8Array {
    const wanted = this.#held < HEADER_BYTES ? HEADER_BYTES : this.#frameBytes(this.#pieces, 0);
    const taken = Math.min(wanted - this.#held, rest.length);
    this.#hold(rest.subarray(0, taken));
    if (this.#held >= HEADER_BYTES && this.#held === this.#frameBytes(this.#pieces, 0)) {
      const frame = this.#pieces;
      const end = this.#held;
      this.#pieces = NO_BYTES;
      this.#held = 0;
      this.#emit(frame, 0, end);
    }
    return rest.subarray(taken);
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#held + bytes.length;
    if (needed > this.#pieces.length) {
      const grown = new Uint8Array(Math.max(needed, this.#pieces.length * 2, FIRST_PIECES_BYTES));
      grown.set(this.#pieces.subarray(0, this.#held));
      this.#pieces = grown;
    }
    this.#pieces.set(bytes, this.#held);
    this.#held = needed;
  }

  #frameBytes(bytes: Uint8Array, start: number): number {
    const length = readUint32(bytes, start);
    if (length < HEADER_BYTES_IN_LENGTH || length > this.#maxBytes) {
      throw new ProtocolError(
        `Expected a frame length from ${HEADER_BYTES_IN_LENGTH} to ${this.#maxBytes} bytes, received ${length}: ` +
          "the bytes on the channel are not frames of this protocol",
      );
    }
    return length + 4;
  }

  #emit(bytes: Uint8Array, start: number, end: number): void {
    const from = start + HEADER_BYTES;
    // Not `subarray`: of a Buffer it makes another Buffer, at three times the cost.
    const payload = new Uint8Array(bytes.buffer, bytes.byteOffset + from, end - from);
    this.#onFrame(bytes[start + 4] as number, readUint32(bytes, start + 5), payload);
  }
}
