/**
 * The shared memory of one process: which ArrayBuffers lie on a segment, and what happens to it when they are gone.
 * Makes the system calls through segment.ts; wire/ owns how a handle is sent.
 */
import { bare } from "../bare.ts";
import { SerializationError, UnsupportedError } from "../errors.ts";
import { openFirst } from "../port/libc.ts";
import type { MemoryCalls } from "../port/memory.ts";
import {
  blankSegment,
  closeSegment,
  createSegment,
  type Handle,
  mapFile,
  openSegment,
  type Segment,
  SegmentFailure,
  unmapSegment,
} from "./segment.ts";

/** Loads the calls it needs from the libc of this name. @throws Error that says why that is not possible. */
export type OpenMemory = (library: string) => MemoryCalls;

export interface HiddenMemory {
  readonly memory: ArrayBuffer;
  readonly handle: Handle;
}

export class SharedMemory {
  #open: OpenMemory = openNone;
  #opened: MemoryCalls | undefined;
  readonly #segments = new WeakMap<ArrayBuffer, Segment>();
  readonly #released = new WeakSet<Segment>();
  /** Buffers that were sent or received, so that one that comes back is the same ArrayBuffer. */
  readonly #known = new Map<string, WeakRef<ArrayBuffer>>();
  readonly #collected = new FinalizationRegistry<Segment>((segment) => this.#onCollected(segment));

  openWith(open: OpenMemory): void {
    this.#open = open;
  }

  /** @throws UnsupportedError where memory can't be shared, RangeError when it has run out. */
  create(bytes: number): ArrayBuffer {
    const calls = this.#calls();
    if (typeof calls === "string") throw new UnsupportedError(`Cannot share memory: ${calls}`);
    try {
      return this.#adopt(calls, createSegment(calls, bytes));
    } catch (error) {
      if (!(error instanceof SegmentFailure)) throw error;
      throw new RangeError(`Cannot share ${bytes} bytes of memory: ${error.message}`);
    }
  }

  /** The handle that names it to another process; undefined for an ordinary ArrayBuffer. */
  handleOf(buffer: ArrayBuffer): Handle | "released" | undefined {
    const segment = this.#segments.get(buffer);
    if (segment === undefined) return undefined;
    if (this.#released.has(segment)) return "released";
    const { id, bytes, descriptor } = segment;
    // Only now: a WeakRef keeps its target alive for the rest of the turn.
    if (!this.#known.has(id)) this.#known.set(id, new WeakRef(buffer));
    return { id, bytes, pid: (this.#opened as MemoryCalls).pid, descriptor };
  }

  /** The memory that another process has named. @throws SerializationError when it can't be mapped. */
  receive(handle: Handle): ArrayBuffer {
    const known = this.#known.get(handle.id)?.deref();
    if (known !== undefined) return known;
    const calls = this.#calls();
    if (typeof calls === "string") throw unreceivable(handle, calls);
    try {
      const buffer = this.#adopt(calls, openSegment(calls, handle));
      this.#known.set(handle.id, new WeakRef(buffer));
      return buffer;
    } catch (error) {
      throw error instanceof SegmentFailure ? unreceivable(handle, error.message) : error;
    }
  }

  /** Memory that no application ever sees; undefined where memory can't be shared. Another process finds it only by the handle. */
  createHidden(bytes: number): HiddenMemory | undefined {
    return this.#hidden((calls) => {
      const segment = createSegment(calls, bytes, true);
      const { id, descriptor } = segment;
      return { memory: this.#adopt(calls, segment), handle: { id, bytes, pid: calls.pid, descriptor } };
    });
  }

  /**
   * The hidden memory that another process has named; undefined where it can't be mapped, and for memory that an application
   * here has.
   */
  receiveHidden(handle: Handle): ArrayBuffer | undefined {
    if (this.#known.has(handle.id)) return undefined;
    return this.#hidden((calls) => {
      const segment = openSegment(calls, handle, true);
      closeSegment(calls, segment);
      return this.#adopt(calls, segment);
    });
  }

  /** Call when the other process has mapped it: no other needs to find it. */
  closeDescriptor(memory: ArrayBuffer): void {
    closeSegment(this.#opened as MemoryCalls, this.#segments.get(memory) as Segment);
  }

  #hidden<T>(make: (calls: MemoryCalls) => T): T | undefined {
    const calls = this.#calls();
    if (typeof calls === "string" || !calls.isFreedAtEnd) return undefined;
    try {
      return make(calls);
    } catch {
      return undefined; // whatever it is: nothing depends on it
    }
  }

  /** Releases it now, even if views are still in use. False for an ordinary ArrayBuffer. */
  release(buffer: ArrayBuffer): boolean {
    const segment = this.#segments.get(buffer);
    if (segment === undefined) return false;
    if (this.#released.has(segment)) return true;
    const calls = this.#opened as MemoryCalls;
    this.#released.add(segment);
    if (!segment.isHidden) this.#known.delete(segment.id);
    closeSegment(calls, segment);
    blankSegment(calls, segment);
    return true;
  }

  /** Maps a file until this process ends; undefined where that is not possible. */
  mapFile(path: string, bytes: number): ArrayBuffer | undefined {
    const calls = this.#calls();
    const address = typeof calls === "string" ? undefined : mapFile(calls, path, bytes);
    return address === undefined ? undefined : (calls as MemoryCalls).toArrayBuffer(address, bytes);
  }

  #calls(): MemoryCalls | string {
    if (this.#opened !== undefined) return this.#opened;
    const calls = openFirst(this.#open);
    if (typeof calls !== "string") this.#opened = calls; // else try again: a permission may be granted
    return calls;
  }

  #adopt(calls: MemoryCalls, segment: Segment): ArrayBuffer {
    const buffer = calls.toArrayBuffer(segment.address, segment.bytes);
    calls.pin(buffer);
    for (const name of MOVES) Object.defineProperty(buffer, name, bare({ value: throwOnTransfer }));
    this.#segments.set(buffer, segment);
    this.#collected.register(buffer, segment);
    return buffer;
  }

  #onCollected(segment: Segment): void {
    const calls = this.#opened as MemoryCalls;
    if (!this.#released.has(segment)) {
      // It may have been received again before we learned that the first ArrayBuffer is gone.
      if (this.#known.get(segment.id)?.deref() === undefined) this.#known.delete(segment.id);
      closeSegment(calls, segment);
    }
    if (calls.unmapsItself) return;
    if (calls.canPin || segment.isHidden) unmapSegment(calls, segment);
    else blankSegment(calls, segment); // another ArrayBuffer, unknown to us, may lie on it
  }
}

function openNone(): never {
  throw new Error("no adapter has said how");
}

/** Methods that would move the memory into an ArrayBuffer unknown to us. */
const MOVES = ["transfer", "transferToFixedLength"];

function throwOnTransfer(): never {
  throw new TypeError("Cannot transfer a shared buffer: its memory stays where other processes find it");
}

function unreceivable({ bytes, pid }: Handle, why: string): SerializationError {
  return new SerializationError(`Cannot receive the ${bytes} bytes that process ${pid} shares: ${why}`);
}
