/**
 * The buffers of a value that are too large to be copied into its frame: each comes in its own Bytes frame, or lies in
 * the lane (lane.ts), right before the frame they belong to. A buffer that arrives in pieces is then assembled once, in the
 * memory that the receiver keeps. Owns the frames about them, and the lane they come through.
 */
import { ProtocolError } from "../errors.ts";
import { flagText, readFlag } from "./flag.ts";
import { FrameType, MAX_FRAME_BYTES } from "./frame.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { LaneIn } from "./lane.ts";

/** The cost of keeping a buffer besides its bytes: this bounds a flood of small ones as well. */
const BUFFER_COST_BYTES = 256;

export class Attached {
  #buffers: Uint8Array[] | undefined;
  #bytes = 0;
  readonly #maxBytes: number;
  readonly #writer: Pick<FrameWriter, "lane" | "writeText">;
  readonly #lane: LaneIn = new LaneIn();

  /** @param writer To the other side. */
  constructor(writer: Pick<FrameWriter, "lane" | "writeText">, maxBytes: number = MAX_FRAME_BYTES) {
    this.#writer = writer;
    this.#maxBytes = maxBytes;
  }

  /** Takes a frame about buffers; false for any other. @throws ProtocolError @param isOwn Nothing else has the payload's memory. */
  onFrame(type: number, payload: Uint8Array, isOwn: boolean): boolean {
    switch (type) {
      case FrameType.Bytes:
        this.#add(payload, isOwn);
        return true;
      case FrameType.Laid:
        this.#add(this.#lane.take(payload), true);
        return true;
      case FrameType.Lane:
        this.#writer.writeText(FrameType.LaneTaken, flagText(this.#lane.open(payload)));
        return true;
      case FrameType.LaneTaken:
        this.#writer.lane.onLaneTaken(readFlag(payload, "LaneTaken"));
        return true;
      default:
        return false;
    }
  }

  /** The other side is gone: buffers that lie in the lane can't be read any more. */
  end(): void {
    this.#lane.close();
    this.#writer.lane.close();
  }

  /** The buffers of the frame that has just arrived. */
  take(): readonly Uint8Array[] | undefined {
    const buffers = this.#buffers;
    this.#buffers = undefined;
    this.#bytes = 0;
    this.#lane.endValue();
    return buffers;
  }

  #add(payload: Uint8Array, isOwn: boolean): void {
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
}
