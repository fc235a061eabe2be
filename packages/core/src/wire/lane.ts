/**
 * Shared memory through which the large buffers of one direction go, where both sides can map it: the sender lays a buffer
 * there, and the receiver copies it when it reads the frame that says where. A socket holds some 200 KiB, so a megabyte
 * through it takes two more copies and wakes both sides several times. Owns the layout; places.ts knows which part is free,
 * attached.ts and frame-writer.ts decide what goes through it.
 *
 *     0     u32 count   of the buffers that were taken, in the order in which they were laid, modulo 2³²; the receiver writes it
 *     4096  the buffers
 *
 * Neither side trusts the other. The receiver copies a buffer before it reads it, and the sender never reads what it has
 * laid; so whatever either writes there can spoil only calls of this one worker.
 */
import { bare } from "../bare.ts";
import { ProtocolError } from "../errors.ts";
import * as processMemory from "../memory/process-memory.ts";
import { type Handle, isHandle } from "../memory/segment.ts";
import { LAID_PAYLOAD_BYTES } from "./frame-limits.ts";
import { readUint32 } from "./integers.ts";
import { show } from "./malformed.ts";
import { LANE_BYTES, Places } from "./places.ts";
import { memoryFor } from "./snapshot.ts";

const BUFFERS_AT = 4096;
const MEMORY_BYTES = BUFFERS_AT + LANE_BYTES;
/** A lane is offered once more than this went through the channel: loading libc and mapping memory take some milliseconds. */
const OFFERED_AFTER_BYTES = 1024 * 1024;

/** What a lane needs of memory/; tests have their own. */
export type LaneMemory = Pick<
  typeof processMemory,
  "createHidden" | "receiveHidden" | "closeDescriptor" | "release"
>;

/** The lane as this process has mapped it. */
interface Mapped {
  readonly memory: ArrayBuffer;
  readonly count: Uint32Array;
  readonly buffers: Uint8Array;
}

const viewsOf = (memory: ArrayBuffer): Mapped => ({
  memory,
  count: new Uint32Array(memory, 0, 1),
  buffers: new Uint8Array(memory, BUFFERS_AT),
});

/** The sender's end. */
export class LaneOut {
  readonly #sendOffer: (handle: Handle) => void;
  readonly #from: LaneMemory;
  readonly #places = new Places();
  #state: "unused" | "offered" | "open" | "closed" = "unused";
  #mapped: Mapped | undefined;
  /** Bytes that went through the channel before it was offered. */
  #sent = 0;
  /** What the count was when we last looked. */
  #freed = 0;

  /** @param sendOffer Sends a Lane. */
  constructor(sendOffer: (handle: Handle) => void, from: LaneMemory = processMemory) {
    this.#sendOffer = sendOffer;
    this.#from = from;
  }

  /** Copies the buffer there and returns where it lies; undefined if it has to go through the channel. */
  lay(bytes: Uint8Array): number | undefined {
    if (this.#state === "unused") this.#offerAfter(bytes.length);
    if (this.#state !== "open") return undefined;
    const { count, buffers } = this.#mapped as Mapped;
    const freed = Atomics.load(count, 0);
    if (!this.#places.free((freed - this.#freed) >>> 0)) {
      this.close(); // more than was laid: whoever wrote that is not to be relied on
      return undefined;
    }
    this.#freed = freed;
    const start = this.#places.take(bytes.length);
    if (start !== undefined) buffers.set(bytes, start);
    return start;
  }

  /** The other side has mapped it, or can't. @throws ProtocolError when nothing was offered. */
  onLaneTaken(isMapped: boolean): void {
    if (this.#state !== "offered")
      throw new ProtocolError("Expected no LaneTaken: no Lane waits for an answer");
    if (!isMapped) {
      this.close();
      return;
    }
    this.#state = "open";
    this.#from.closeDescriptor((this.#mapped as Mapped).memory);
  }

  close(): void {
    this.#state = "closed";
    if (this.#mapped !== undefined) this.#from.release(this.#mapped.memory);
    this.#mapped = undefined;
  }

  #offerAfter(bytes: number): void {
    if (bytes <= LANE_BYTES) this.#sent += bytes; // what is larger could not go through a lane
    if (this.#sent <= OFFERED_AFTER_BYTES) return;
    const hidden = this.#from.createHidden(MEMORY_BYTES);
    this.#state = hidden === undefined ? "closed" : "offered";
    if (hidden === undefined) return;
    this.#mapped = viewsOf(hidden.memory);
    this.#sendOffer(hidden.handle);
  }
}

/** The receiver's end. */
export class LaneIn {
  readonly #from: LaneMemory;
  #mapped: Mapped | undefined;
  #wasOffered = false;
  #taken = 0;
  /** Bytes of the value that is coming. */
  #bytes = 0;

  constructor(from: LaneMemory = processMemory) {
    this.#from = from;
  }

  /**
   * Reads a Lane.
   *
   * @returns False for memory of another user or container, and where libc can't be called.
   * @throws ProtocolError
   */
  open(payload: Uint8Array): boolean {
    if (this.#wasOffered) throw new ProtocolError("Expected one Lane, received another");
    this.#wasOffered = true;
    const memory = this.#from.receiveHidden(readHandle(payload));
    this.#mapped = memory && viewsOf(memory);
    return memory !== undefined;
  }

  /** The buffer that a Laid names. @throws ProtocolError */
  take(payload: Uint8Array): Uint8Array {
    if (this.#mapped === undefined) throw new ProtocolError("Expected no Laid: no lane is open");
    if (payload.length !== LAID_PAYLOAD_BYTES) {
      throw new ProtocolError(`Expected a Laid of ${LAID_PAYLOAD_BYTES} bytes, received ${payload.length}`);
    }
    const start = readUint32(payload, 0);
    const length = readUint32(payload, 4);
    if (length === 0 || start + length > LANE_BYTES) {
      throw new ProtocolError(
        `Expected a Laid to name 1 to ${LANE_BYTES} bytes within the lane, received ${length} at ${start}`,
      );
    }
    this.#bytes += length;
    if (this.#bytes > LANE_BYTES) {
      throw new ProtocolError(
        `Expected the buffers of one value in the lane to have at most ${LANE_BYTES} bytes, received ${this.#bytes}`,
      );
    }
    const copy = memoryFor(length);
    copy.set(this.#mapped.buffers.subarray(start, start + length));
    this.#taken = (this.#taken + 1) >>> 0;
    return copy;
  }

  /** The value is complete: the memory of its buffers may be used again. */
  endValue(): void {
    if (this.#bytes === 0) return;
    this.#bytes = 0;
    Atomics.store((this.#mapped as Mapped).count, 0, this.#taken);
  }

  /** Whatever is laid is not read any more. */
  close(): void {
    if (this.#mapped !== undefined) this.#from.release(this.#mapped.memory);
    this.#mapped = undefined;
    this.#bytes = 0;
  }
}

/** @throws ProtocolError */
function readHandle(payload: Uint8Array): Handle {
  const text = new TextDecoder().decode(payload);
  const handle = parseHandle(text);
  if (handle !== undefined) return handle;
  throw new ProtocolError(
    `Expected a Lane to name ${MEMORY_BYTES} bytes by id, pid and descriptor, received ${show(text)}`,
  );
}

function parseHandle(text: string): Handle | undefined {
  try {
    const told: unknown = JSON.parse(text);
    const { id, bytes, pid, descriptor } = bare(
      (typeof told === "object" ? told : null) ?? {},
    ) as Partial<Handle>;
    const handle = { id, bytes, pid, descriptor };
    return isHandle(handle) && bytes === MEMORY_BYTES ? handle : undefined;
  } catch {
    return undefined;
  }
}
