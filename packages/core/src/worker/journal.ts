/**
 * Keeps the journal of this worker (wire/journal.ts): each start, and the last bytes written to the channel, so that
 * the host has them whatever this process does next. It writes to the file for each start; a worker that has much to
 * do maps the file, where libc can be called, and stores into its memory instead: a system call for each start would
 * be a third of what an empty task costs.
 */
import { mapFile } from "../memory/process-memory.ts";
import { bigEndian, writeUint32 } from "../wire/integers.ts";
import {
  ENTRY_HEADER_BYTES,
  FIRST_BYTES,
  Form,
  KEPT_BYTES,
  NOTHING_STARTED,
  RING_AT,
  RING_BYTES,
  SEGMENT_BYTES,
  sealEntry,
  segmentAt,
} from "../wire/journal.ts";

/**
 * Writes before the file is mapped: loading libc takes some milliseconds, which a worker with few tasks should not
 * spend, nor any before its first task.
 */
const MAPPED_AFTER = 256;
/** Fewer bytes are copied one by one: a view for `set` costs more. */
const COPIED_AT_ONCE = 96;

const STARTED = 0;
const FORM = 1;
const COUNT = 2;

export interface OpenedFile {
  /** Has written when it returns. @throws Error, for example when the disk is full. */
  write(bytes: Uint8Array, at: number): void;
}

export class Journal {
  readonly #path: string;
  readonly #file: OpenedFile;
  /** The file's memory, once it is mapped. */
  #ring: Uint8Array = new Uint8Array(RING_BYTES);
  /** The numbers at its beginning. Atomics keep the order: bytes first, then their count. */
  #numbers: Uint32Array | undefined;
  readonly #entry = new Uint8Array(ENTRY_HEADER_BYTES + KEPT_BYTES);
  #segment: 0 | 1 = 0;
  /** Where the next entry goes in its segment. */
  #at = 0;
  #segmentBytes = SEGMENT_BYTES;
  #turn = 0;
  /** The `#count` of the last entry. */
  #noted = 0;
  #started = NOTHING_STARTED;
  #count = 0;
  #writes = 0;
  #capacity = KEPT_BYTES;

  /** @throws Error when the file can't be written. */
  constructor(path: string, file: OpenedFile) {
    this.#path = path;
    this.#file = file;
    const head = new Uint8Array(12);
    writeUint32(head, 0, 2 ** 32 - 1); // if both segments are lost, every call counts as started
    file.write(head, 0);
    for (const which of [0, 1]) file.write(new Uint8Array(FIRST_BYTES), segmentAt(which));
    this.#addEntry(0);
  }

  /** How many bytes may wait in this process while a task runs. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Whether appended bytes are safe at once. */
  get isMapped(): boolean {
    return this.#numbers !== undefined;
  }

  /** Records bytes that go to the channel; if they are more than can be kept, the last of them. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const from = Math.max(start, end - KEPT_BYTES);
    const at = (this.#count + from - start) % RING_BYTES;
    this.#count = (this.#count + end - start) >>> 0;
    if (from > start) this.#publish(); // the copy may overwrite bytes that a reader would still count on
    this.#copy(bytes, from, end, at);
    this.#publish();
  }

  /**
   * Records that the task of this number starts now; `unsent` bytes have not left this process.
   *
   * @throws Error when that fails: then the task must not start.
   */
  starts(sequence: number, unsent: number): void {
    this.#started = sequence;
    if (this.#numbers !== undefined) {
      this.#numbers[STARTED] = bigEndian(sequence); // one instruction: no death can leave half a number
      return;
    }
    this.#write(unsent);
  }

  /** Makes the appended bytes that have not left survive this process. */
  keep(unsent: number): void {
    if (this.#numbers === undefined && this.#noted !== this.#count && unsent > 0) this.#write(unsent);
  }

  #write(unsent: number): void {
    const keeps = Math.min(unsent, this.#capacity);
    try {
      this.#addEntry(keeps);
    } catch (error) {
      if (this.#at + ENTRY_HEADER_BYTES + keeps <= FIRST_BYTES) throw error;
      // The disk is full: from now on segments are no longer than now.
      this.#segmentBytes = FIRST_BYTES;
      this.#capacity = FIRST_BYTES - ENTRY_HEADER_BYTES;
      if (this.#at > 0) this.#beginSegment(); // otherwise write over the torn entry: the other segment is whole
      this.#addEntry(0);
      this.#at = FIRST_BYTES; // the next entry begins a segment again, and has all bytes that have not left by then
    }
    if (++this.#writes === MAPPED_AFTER) this.#map();
  }

  /** @param unsent The previous entry has some of these already, unless this entry begins a segment. */
  #addEntry(unsent: number): void {
    let length = Math.min(unsent, (this.#count - this.#noted) >>> 0);
    if (this.#at + ENTRY_HEADER_BYTES + length > this.#segmentBytes) {
      this.#beginSegment();
      length = unsent;
    }
    const from = ((this.#count - length) >>> 0) % RING_BYTES;
    const first = Math.min(length, RING_BYTES - from);
    copy(this.#ring, from, from + first, this.#entry, ENTRY_HEADER_BYTES);
    copy(this.#ring, 0, length - first, this.#entry, ENTRY_HEADER_BYTES + first);
    const turn = (this.#turn + 1) >>> 0;
    const bytes = sealEntry(this.#entry, { turn, started: this.#started, count: this.#count, length });
    this.#file.write(this.#entry.subarray(0, bytes), segmentAt(this.#segment) + this.#at);
    this.#turn = turn;
    this.#at += bytes;
    this.#noted = this.#count;
  }

  #beginSegment(): void {
    this.#segment = this.#segment === 0 ? 1 : 0;
    this.#at = 0;
  }

  /** Switches to the ring. Writes it first: touching memory that the disk has no space for would end this process. */
  #map(): void {
    try {
      this.#file.write(this.#ring, RING_AT);
    } catch {
      return;
    }
    const memory = mapFile(this.#path, RING_AT + RING_BYTES);
    if (memory === undefined) return;
    const numbers = new Uint32Array(memory, 0, 3);
    this.#ring = new Uint8Array(memory, RING_AT, RING_BYTES);
    numbers[STARTED] = bigEndian(this.#started);
    numbers[COUNT] = bigEndian(this.#count);
    Atomics.store(numbers, FORM, bigEndian(Form.Ring));
    this.#numbers = numbers;
    this.#capacity = KEPT_BYTES;
  }

  #publish(): void {
    if (this.#numbers !== undefined) Atomics.store(this.#numbers, COUNT, bigEndian(this.#count));
  }

  #copy(bytes: Uint8Array, from: number, end: number, at: number): void {
    const first = Math.min(end - from, RING_BYTES - at);
    copy(bytes, from, from + first, this.#ring, at);
    copy(bytes, from + first, end, this.#ring, 0);
  }
}

function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start >= COPIED_AT_ONCE) to.set(from.subarray(start, end), at);
  else for (let i = start; i < end; i++) to[at + i - start] = from[i] as number;
}
