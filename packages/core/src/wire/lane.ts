/**
 * Shared memory through which the large buffers of one direction go, where both sides can map it: the sender lays a buffer
 * there, and the receiver copies it when it reads the frame that says where. A socket holds some 200 KiB, so that a megabyte
 * takes two more copies and wakes both sides several times. Owns the layout, and which part is free; attached.ts and
 * frame-writer.ts decide what goes through it.
 *
 *     0     u32 count   of the buffers that were taken, in the order in which they were laid, modulo 2³²; the receiver writes it
 *     4096  the buffers
 *
 * Neither side believes the other: the receiver copies before it reads anything, the sender never reads what it has laid, and what
 * either writes spoils only calls of this one worker.
 */
import { bare } from "../bare.ts";
import * as processMemory from "../memory/process-memory.ts";
import { type Handle, isHandle } from "../memory/segment.ts";
import { readUint32 } from "./integers.ts";
import { malformed } from "./malformed.ts";
import { memoryFor } from "./snapshot.ts";

/** Of the buffers that lie there at a time. Pages take memory once they were used; those at the beginning are preferred. */
export const LANE_BYTES: number = 4 * 1024 * 1024;
const BUFFERS_AT = 4096;
const MEMORY_BYTES = BUFFERS_AT + LANE_BYTES;
/** Sent through the channel before it is worth loading libc and mapping memory, which takes some milliseconds. */
const OFFERED_AFTER_BYTES = 1024 * 1024;

export const LAID_BYTES = 8;
/** The JSON text of a handle. */
export const MAX_LANE_BYTES = 256;

/** What a lane needs of memory/; tests have their own. */
export type LaneMemory = Pick<typeof processMemory, "createOwn" | "receiveOwn" | "keepOwn" | "release">;

interface Place {
  readonly start: number;
  readonly end: number;
}

/** The lane as this process has mapped it. */
interface Mapped {
  readonly memory: ArrayBuffer;
  readonly count: Uint32Array;
  readonly buffers: Uint8Array;
}

const mapped = (memory: ArrayBuffer): Mapped => ({
  memory,
  count: new Uint32Array(memory, 0, 1),
  buffers: new Uint8Array(memory, BUFFERS_AT),
});

/** The sender's end. */
export class LaneOut {
  readonly #offer: (handle: Handle) => void;
  readonly #from: LaneMemory;
  #state: "unused" | "offered" | "open" | "closed" = "unused";
  #sent = 0;
  #mapped: Mapped | undefined;
  /** What was laid and not taken yet, as far as was looked. */
  readonly #laid: Place[] = [];
  #taken = 0;

  /** @param offer Sends a Lane. */
  constructor(offer: (handle: Handle) => void, from: LaneMemory = processMemory) {
    this.#offer = offer;
    this.#from = from;
  }

  /** Copies the buffer there and returns where it lies; undefined if it has to go through the channel. */
  lay(bytes: Uint8Array): number | undefined {
    const { length } = bytes;
    if (length > LANE_BYTES) return undefined;
    if (this.#state !== "open") {
      this.#sent += length;
      if (this.#state === "unused" && this.#sent > OFFERED_AFTER_BYTES) this.#open();
      return undefined;
    }
    this.#free();
    const start = this.#room(length);
    if (start === undefined) return undefined;
    this.#mapped?.buffers.set(bytes, start);
    this.#laid.push({ start, end: start + length });
    return start;
  }

  /** The other side has mapped it, or can't. False if nothing was offered. */
  answered(isMapped: boolean): boolean {
    if (this.#state !== "offered") return false;
    if (isMapped) {
      this.#state = "open";
      this.#from.keepOwn((this.#mapped as Mapped).memory);
    } else this.close();
    return true;
  }

  close(): void {
    this.#state = "closed";
    if (this.#mapped !== undefined) this.#from.release(this.#mapped.memory);
    this.#mapped = undefined;
  }

  #open(): void {
    const own = this.#from.createOwn(MEMORY_BYTES);
    this.#state = own === undefined ? "closed" : "offered";
    if (own === undefined) return;
    this.#mapped = mapped(own.memory);
    this.#offer(own.handle);
  }

  #free(): void {
    if (this.#mapped === undefined || this.#laid.length === 0) return;
    const count = Atomics.load(this.#mapped.count, 0);
    const freed = (count - this.#taken) >>> 0;
    if (freed > this.#laid.length) {
      this.close(); // more than was laid: whoever wrote that is not to be relied on
      return;
    }
    this.#laid.splice(0, freed);
    this.#taken = count;
  }

  /** The free part is behind the last buffer and, if that is not before the first one, also from the beginning to the first. */
  #room(length: number): number | undefined {
    const first = this.#laid[0];
    if (this.#mapped === undefined) return undefined;
    if (first === undefined) return 0;
    const { end } = this.#laid.at(-1) as Place;
    const isBehind = end > first.start;
    if (end + length <= (isBehind ? LANE_BYTES : first.start)) return end;
    return isBehind && length <= first.start ? 0 : undefined;
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

  /** Reads a Lane. Returns whether this process can map what it names. @throws ProtocolError */
  open(payload: Uint8Array): boolean {
    if (this.#wasOffered) throw malformed("one Lane", "another");
    this.#wasOffered = true;
    const handle = readHandle(payload);
    if (handle === undefined) throw malformed("the handle of a lane", payload.length);
    const memory = this.#from.receiveOwn(handle);
    this.#mapped = memory && mapped(memory);
    return memory !== undefined; // not of another user, of another container, without FFI
  }

  /** The buffer that a Laid names. @throws ProtocolError */
  take(payload: Uint8Array): Uint8Array {
    if (this.#mapped === undefined) throw malformed("no Laid where no lane is open", payload.length);
    if (payload.length !== LAID_BYTES) throw malformed(`a Laid of ${LAID_BYTES} bytes`, payload.length);
    const start = readUint32(payload, 0);
    const length = readUint32(payload, 4);
    if (length === 0 || start + length > LANE_BYTES)
      throw malformed("a buffer within the lane", start + length);
    this.#bytes += length;
    if (this.#bytes > LANE_BYTES) throw malformed("buffers of one value that fit into the lane", this.#bytes);
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

function readHandle(payload: Uint8Array): Handle | undefined {
  try {
    const told: unknown = JSON.parse(new TextDecoder().decode(payload));
    const { id, bytes, pid, descriptor } = bare(
      (typeof told === "object" ? told : null) ?? {},
    ) as Partial<Handle>;
    const handle = { id, bytes, pid, descriptor };
    return isHandle(handle) && bytes === MEMORY_BYTES ? handle : undefined;
  } catch {
    return undefined;
  }
}
