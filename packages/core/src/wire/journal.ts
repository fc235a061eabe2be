/**
 * The journal of a worker: a file in which it notes each start before it makes it, beside the last bytes that it has
 * written to its channel. The host reads it after the worker's death, and where a busy worker has gone quiet: what the
 * worker had finished is in it, though it never left the process. Owns the layout, and reading it; the worker's end is
 * worker/journal.ts.
 *
 *     0        u32 started   the number of the task that was started last
 *     4        u32 form      0: the newer of the two halves holds; 1: the ring, and the numbers here
 *     8        u32 count     bytes written to the channel since the Hello, modulo 2³²
 *     4096     the ring      byte n of the channel lies at n modulo its size
 *     69632    half, half    u32 check, turn, started, count, length; the last `length` bytes that were written
 *
 * A worker writes the halves in turn, each in one system call, so that one of them is whole whenever it dies; where it
 * can map the file it goes over to the ring. Numbers are big-endian. One that keeps only `started` is understood.
 */
import { readUint32, writeUint32 } from "./integers.ts";

export const RING_AT = 4096;
/** A power of two: positions run on over 2³². */
export const RING_BYTES: number = 64 * 1024;
/** So many bytes can be kept for the host: while more have not left, no task starts. */
export const KEPT_BYTES: number = 32 * 1024;
/** What of a half lies in its first page, which is there from the start: a full disk does not touch it. */
export const FIRST_KEPT_BYTES: number = 4096 - 20;

const HALF_HEADER_BYTES = 20;
const HALF_BYTES = 9 * 4096;
const HALVES_AT: number = RING_AT + RING_BYTES;

export const Form = { Halves: 0, Ring: 1 } as const;

/** No task has been started. */
export const NOTHING_STARTED = 0;
/** Where nothing tells what was: a task that may have run is never run again. */
const EVERYTHING_STARTED = 2 ** 32 - 1;

/** What a journal says to somebody who has received so many bytes. */
export interface Noted {
  readonly started: number;
  /** The bytes that follow those; undefined where there are none, or not all of them are known. */
  readonly missing: Uint8Array | undefined;
  /** More has been written than was received, and not all of it is known. */
  readonly isBehind: boolean;
}

/** A file that is read by position: as many bytes as there are, and nothing where it can't be read. */
export interface JournalFile {
  read(bytes: Uint8Array, at: number): number;
}

/** @param received Bytes since the Hello, modulo 2³². */
export function readJournal(file: JournalFile, received: number): Noted {
  const head = readAt(file, 0, 12);
  const isKnown = head.length >= 4;
  const started = isKnown ? readUint32(head, 0) : EVERYTHING_STARTED;
  if (head.length < 12) return { started, missing: undefined, isBehind: false };
  if (readUint32(head, 4) === Form.Ring) {
    const count = readUint32(head, 8);
    const missing = readRing(file, count, received);
    return { started, missing, isBehind: missing === undefined && count !== received };
  }
  const half = newestHalf(file);
  return half === undefined ? { started, missing: undefined, isBehind: false } : noted(half, received);
}

function readRing(file: JournalFile, count: number, received: number): Uint8Array | undefined {
  const missing = (count - received) >>> 0;
  if (missing === 0 || missing > KEPT_BYTES) return undefined;
  const at = received % RING_BYTES;
  const first = Math.min(missing, RING_BYTES - at);
  const bytes = new Uint8Array(missing);
  const isWhole =
    file.read(bytes.subarray(0, first), RING_AT + at) === first &&
    (first === missing || file.read(bytes.subarray(first), RING_AT) === missing - first);
  if (!isWhole) return undefined; // somebody has cut the file off
  // A live worker may have written on meanwhile, at most KEPT_BYTES at a time: half a ring behind the end all is intact.
  const now = readUint32(readAt(file, 8, 4), 0);
  return (now - received) >>> 0 > KEPT_BYTES ? undefined : bytes;
}

interface Half {
  readonly turn: number;
  readonly started: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

function newestHalf(file: JournalFile): Half | undefined {
  const a = readHalf(file, 0);
  const b = readHalf(file, 1);
  if (a === undefined || b === undefined) return a ?? b;
  return ((a.turn - b.turn) | 0) > 0 ? a : b;
}

/** Undefined when it was never written, or not to its end. */
function readHalf(file: JournalFile, which: 0 | 1): Half | undefined {
  const at = halfAt(which);
  const header = readAt(file, at, HALF_HEADER_BYTES);
  if (header.length < HALF_HEADER_BYTES) return undefined;
  const length = readUint32(header, 16);
  if (length > KEPT_BYTES) return undefined;
  const bytes = readAt(file, at + HALF_HEADER_BYTES, length);
  const whole = new Uint8Array(HALF_HEADER_BYTES + length);
  whole.set(header);
  whole.set(bytes, HALF_HEADER_BYTES);
  if (bytes.length < length || readUint32(header, 0) !== checkOf(whole, whole.length)) return undefined;
  return {
    turn: readUint32(header, 4),
    started: readUint32(header, 8),
    count: readUint32(header, 12),
    bytes,
  };
}

function noted({ started, count, bytes }: Half, received: number): Noted {
  const missing = (count - received) >>> 0;
  const isKnown = missing > 0 && missing <= bytes.length;
  if (isKnown) return { started, missing: bytes.subarray(bytes.length - missing), isBehind: false };
  // Received may be more than the half knows of: what came was written since.
  return { started, missing: undefined, isBehind: missing > 0 && missing < 2 ** 31 };
}

export function halfAt(which: number): number {
  return HALVES_AT + which * HALF_BYTES;
}

/** Where the bytes of a half begin in its buffer; the numbers before them are `sealHalf`'s. */
export const HALF_DATA_AT: number = HALF_HEADER_BYTES;

/** Completes a half whose bytes are in place. Returns how long it is. */
export function sealHalf(
  half: Uint8Array,
  { turn, started, count, length }: { turn: number; started: number; count: number; length: number },
): number {
  const end = HALF_HEADER_BYTES + length;
  writeUint32(half, 4, turn);
  writeUint32(half, 8, started);
  writeUint32(half, 12, count);
  writeUint32(half, 16, length);
  writeUint32(half, 0, checkOf(half, end));
  return end;
}

/** FNV-1a over all but itself: told apart is what was written whole and what was not, and nobody's malice. */
function checkOf(half: Uint8Array, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = 4; i < end; i++) hash = Math.imul(hash ^ (half[i] as number), 0x01000193);
  return hash >>> 0;
}

function readAt(file: JournalFile, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, Math.max(0, file.read(bytes, at)));
}
