/**
 * The bytes of a graph's buffers as they arrive: after its text, or each in its own frame. Owns that each byte is
 * handed out once; graph-decode.ts decides which value they become.
 */
import { integer, malformed } from "./malformed.ts";

export interface Buffers {
  /** The buffer of `length` bytes that begins at `offset`. No two nodes may share one. */
  take(offset: unknown, length: unknown): ArrayBuffer;
}

export class InlineBuffers implements Buffers {
  readonly #bytes: Uint8Array;
  #copiedBytes = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A copy: the payload is only valid during this call, and a view may need another alignment. */
  take(offset: unknown, length: unknown): ArrayBuffer {
    const start = integer(offset, this.#bytes.length);
    const end = start + integer(length, this.#bytes.length - start);
    // Each byte belongs to one node: a short message can't ask for a lot of memory.
    this.#copiedBytes = integer(this.#copiedBytes + end - start, this.#bytes.length);
    // Not `slice`: the payload may be a Node Buffer, whose `slice` does not copy.
    return new Uint8Array(this.#bytes.subarray(start, end)).buffer;
  }
}

export class AttachedBuffers implements Buffers {
  readonly #byOffset = new Map<number, Uint8Array>();

  constructor(attached: readonly Uint8Array[]) {
    let offset = 0;
    for (const bytes of attached) {
      this.#byOffset.set(offset, bytes);
      offset += bytes.length;
    }
  }

  take(offset: unknown, length: unknown): ArrayBuffer {
    if (length === 0) return new ArrayBuffer(0);
    const bytes = this.#byOffset.get(offset as number);
    if (bytes === undefined || bytes.length !== length) throw malformed("the place of a buffer", offset);
    this.#byOffset.delete(offset as number);
    const isWhole = bytes.length === bytes.buffer.byteLength;
    return (isWhole ? bytes : new Uint8Array(bytes)).buffer as ArrayBuffer;
  }
}
