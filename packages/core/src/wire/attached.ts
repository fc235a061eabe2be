/**
 * The buffers of a value that are too large to be copied into its frame: each comes in its own Bytes frame, right
 * before the frame they belong to. A buffer that arrives in pieces is then assembled once, in the memory that the
 * receiver keeps.
 */
import { ProtocolError } from "../errors.ts";
import { MAX_FRAME_BYTES } from "./frame.ts";

/** The cost of keeping a buffer besides its bytes: this bounds a flood of small ones as well. */
const BUFFER_COST_BYTES = 256;

export class Attached {
  #buffers: Uint8Array[] | undefined;
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** @throws ProtocolError when there are more than a value may have, or for one that is empty: such a buffer needs none. */
  add(payload: Uint8Array, isOwn: boolean): void {
    if (payload.length === 0) throw new ProtocolError("Expected a Bytes frame to have bytes, received none");
    this.#buffers ??= [];
    this.#bytes += payload.length;
    if (Math.max(this.#bytes, this.#buffers.length * BUFFER_COST_BYTES) > this.#maxBytes) {
      throw new ProtocolError(
        `Expected the buffers of one value to have at most ${this.#maxBytes} bytes, received more`,
      );
    }
    this.#buffers.push(isOwn ? payload : new Uint8Array(payload)); // not `slice`: a Buffer's does not copy
  }

  /** The buffers of the frame that has just arrived. */
  take(): readonly Uint8Array[] | undefined {
    const buffers = this.#buffers;
    this.#buffers = undefined;
    this.#bytes = 0;
    return buffers;
  }
}
