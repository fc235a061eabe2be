/**
 * The shared memory of one process: which ArrayBuffers lie on some, and what becomes of it when they are gone. Makes the
 * system calls through segment.ts; how a handle travels is wire/'s.
 */
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

/** Loads what it takes, of a libc of this name. @throws Error that says why that can't be had. */
export type OpenMemory = (library: string) => MemoryCalls;

export class SharedMemory {
  #open: OpenMemory = openNone;
  #opened: MemoryCalls | undefined;
  readonly #segments = new WeakMap<ArrayBuffer, Segment>();
  readonly #released = new WeakSet<Segment>();
  /** Those that were sent or received: what comes back is to be the same ArrayBuffer. */
  readonly #known = new Map<string, WeakRef<ArrayBuffer>>();
  readonly #collected = new FinalizationRegistry<Segment>((segment) => this.#onCollected(segment));

  openWith(open: OpenMemory): void {
    this.#open = open;
  }

  /** @throws UnsupportedError where it can't be had; RangeError when there is no more of it. */
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

  /** What names it to another process; undefined for an ordinary ArrayBuffer. */
  handleOf(buffer: ArrayBuffer): Handle | "released" | undefined {
    const segment = this.#segments.get(buffer);
    if (segment === undefined) return undefined;
    if (this.#released.has(segment)) return "released";
    const { id, bytes, descriptor } = segment;
    // Not before: a WeakRef keeps what it points to for the rest of the turn.
    if (!this.#known.has(id)) this.#known.set(id, new WeakRef(buffer));
    return { id, bytes, pid: (this.#opened as MemoryCalls).pid, descriptor };
  }

  /** The memory that another process has named. @throws SerializationError when it can't be had. */
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

  /** Gives it back now, whoever still looks at it. False for an ordinary ArrayBuffer. */
  release(buffer: ArrayBuffer): boolean {
    const segment = this.#segments.get(buffer);
    if (segment === undefined) return false;
    if (this.#released.has(segment)) return true;
    const calls = this.#opened as MemoryCalls;
    this.#released.add(segment);
    this.#known.delete(segment.id);
    closeSegment(calls, segment);
    blankSegment(calls, segment);
    return true;
  }

  /** A file as memory, to the end of this process; undefined where that can't be had. */
  mapFile(path: string, bytes: number): ArrayBuffer | undefined {
    const calls = this.#calls();
    const address = typeof calls === "string" ? undefined : mapFile(calls, path, bytes);
    return address === undefined ? undefined : (calls as MemoryCalls).toArrayBuffer(address, bytes);
  }

  #calls(): MemoryCalls | string {
    if (this.#opened !== undefined) return this.#opened;
    const calls = openFirst(this.#open);
    if (typeof calls !== "string") this.#opened = calls; // else a permission may come
    return calls;
  }

  #adopt(calls: MemoryCalls, segment: Segment): ArrayBuffer {
    const buffer = calls.toArrayBuffer(segment.address, segment.bytes);
    calls.pin(buffer);
    for (const name of MOVES) Object.defineProperty(buffer, name, { value: refuseToMove });
    this.#segments.set(buffer, segment);
    this.#collected.register(buffer, segment);
    return buffer;
  }

  #onCollected(segment: Segment): void {
    const calls = this.#opened as MemoryCalls;
    if (!this.#released.has(segment)) {
      // It may have been received again, before it was known here that the first ArrayBuffer is gone.
      if (this.#known.get(segment.id)?.deref() === undefined) this.#known.delete(segment.id);
      closeSegment(calls, segment);
    }
    if (calls.unmapsItself) return;
    if (calls.canPin) unmapSegment(calls, segment);
    else blankSegment(calls, segment); // another ArrayBuffer, nobody here knows which, may lie on it
  }
}

function openNone(): never {
  throw new Error("no adapter has said how");
}

/** What would move the memory into an ArrayBuffer that nobody here knows. */
const MOVES = ["transfer", "transferToFixedLength"];

function refuseToMove(): never {
  throw new TypeError("Cannot transfer a shared buffer: its memory stays where other processes find it");
}

function unreceivable({ bytes, pid }: Handle, why: string): SerializationError {
  return new SerializationError(`Cannot receive the ${bytes} bytes that process ${pid} shares: ${why}`);
}
