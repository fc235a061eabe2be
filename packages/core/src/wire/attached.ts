/**
 * The buffers of a value that are too large to be copied into its frame: each comes in a Bytes frame of its own, right
 * before the frame they belong to. So one that arrives in pieces is put together once, in the buffer that the receiver
 * keeps.
 */
import { ProtocolError } from "../errors.ts";
import { MAX_FRAME_BYTES } from "./frame.ts";

/** What keeping a buffer costs besides its bytes: so a flood of small ones is bounded as well. */
const BUFFER_COST_BYTES = 256;

export class Attached {
  #buffers: Uint8Array[] | undefined;
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @throws ProtocolError when they are more than a value may have. */
  add(payload: Uint8Array, isOwn: boolean): void {
    if (payload.length === 0) return; // it is in the text alone
    this.#buffers ??= [];
    this.#bytes += payload.length;
    if (Math.max(this.#bytes, this.#buffers.length * BUFFER_COST_BYTES) > this.#maxBytes) {
      throw new ProtocolError(
        `Expected the buffers of one value to have at most ${this.#maxBytes} bytes, received more`,
      );
    }
    this.#buffers.push(isOwn ? payload : new Uint8Array(payload)); // not `slice`: a Buffer's does not copy
  }

  /** Those of the frame that has come now. */
  take(): readonly Uint8Array[] | undefined {
    const buffers = this.#buffers;
    this.#buffers = undefined;
    this.#bytes = 0;
    return buffers;
  }
}
