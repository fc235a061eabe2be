/**
 * The journal of a worker: a file in which it records each start in advance, and the last bytes that it has
 * written to its channel. The host reads it after the worker's death, and when a busy worker has gone quiet: results
 * of finished calls are in it, even if they never left the process. Owns the layout, and reading it; the writing end is
 * worker/journal.ts.
 *
 *     0        u32 started   the number of the task that was started last
 *     4        u32 form      0: the log is in use; 1: the ring is, and the numbers here
 *     8        u32 count     bytes written to the channel since the Hello, modulo 2³²
 *     4096     the ring      byte n of the channel is at n modulo its size
 *     69632    the log       two segments of entries: u32 check, turn, started, count, length; the last `length` bytes
 *
 * Without a mapping, a worker adds an entry for each start, in one system call: bytes written to the channel since the
 * entry before that have not left. When a segment is full, it begins the other with all bytes that have not left, so that
 * one segment is whole whenever it dies. If it can map the file, it switches to the ring. Numbers are big-endian. A journal
 * that holds only `started` is valid.
 */
import { readUint32, writeUint32 } from "./integers.ts";

export const RING_AT = 4096;
/** A power of two, so that positions can wrap at 2³². */
export const RING_BYTES: number = 64 * 1024;
/** How many bytes are kept for the host: while more have not left, no task starts. */
export const KEPT_BYTES: number = 32 * 1024;
/** This page of a segment is allocated from the start, so that a full disk does not affect it. */
export const FIRST_BYTES = 4096;
export const SEGMENT_BYTES: number = 64 * 1024;
/** Where the bytes of an entry begin, after the numbers that `sealEntry` writes. */
export const ENTRY_HEADER_BYTES = 20;

const LOG_AT: number = RING_AT + RING_BYTES;

export const Form = { Log: 0, Ring: 1 } as const;

/** No task has been started. */
export const NOTHING_STARTED = 0;
/** Used if nothing is known: a task that may have run is never run again. */
const EVERYTHING_STARTED = 2 ** 32 - 1;

/** What a journal says to a host that has received so many bytes. */
export interface Noted {
  readonly started: number;
  /** The bytes after those; undefined if there are none, or not all of them are known. */
  readonly missing: Uint8Array | undefined;
  /** More has been written than was received, and not all of it is known. */
  readonly isBehind: boolean;
}

/** A file read by position: returns as many bytes as there are, and none where it can't be read. */
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
  const log = newerSegment(file);
  return log === undefined ? { started, missing: undefined, isBehind: false } : noted(log, received);
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
  if (!isWhole) return undefined; // something has truncated the file
  // A live worker may have kept writing, at most KEPT_BYTES at a time: everything up to half a ring behind the end is
  // intact.
  const now = readUint32(readAt(file, 8, 4), 0);
  return (now - received) >>> 0 > KEPT_BYTES ? undefined : bytes;
}

interface Entry {
  readonly turn: number;
  readonly started: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** The contents of a segment, as far as it was read. */
interface Log {
  readonly first: Entry;
  readonly started: number;
  readonly count: number;
  /** The last bytes before `count`. */
  readonly bytes: Uint8Array;
}

function newerSegment(file: JournalFile): Log | undefined {
  const [a, b] = [0, 1].map((which) => readSegment(file, which, 1)?.first);
  if (a === undefined && b === undefined) return undefined;
  const isLater = b !== undefined && (a === undefined || ((b.turn - a.turn) | 0) > 0);
  return readSegment(file, isLater ? 1 : 0);
}

/**
 * Undefined where no entry is whole. Reads little more than the entries take: the host looks at every busy worker that is
 * quiet, and few have written much.
 *
 * @param most Entries, from the first on.
 */
function readSegment(file: JournalFile, which: number, most = Number.POSITIVE_INFINITY): Log | undefined {
  let [at, entries] = [0, 0];
  let first: Entry | undefined;
  let last: Entry | undefined;
  let parts: Uint8Array[] = [];
  /** What was read of it, from `read` on; four times as much each time. */
  let window: Uint8Array = new Uint8Array();
  let [read, size] = [0, FIRST_BYTES];
  while (entries < most) {
    const entry = readEntry(window, at - read);
    if (entry === undefined) {
      const isAll = size > SEGMENT_BYTES || read + window.length >= SEGMENT_BYTES;
      if (isAll || !reachesBeyond(window, at - read)) break;
      window = readAt(file, segmentAt(which) + at, Math.min(size, SEGMENT_BYTES - at));
      read = at;
      size *= 4;
      continue;
    }
    if (last !== undefined && entry.turn !== (last.turn + 1) >>> 0) break; // that entry is old
    const isNext = (entry.count - entry.bytes.length) >>> 0 === last?.count;
    if (!isNext) parts = []; // the bytes in between had left
    parts.push(entry.bytes);
    first ??= entry;
    last = entry;
    entries++;
    at += ENTRY_HEADER_BYTES + entry.bytes.length;
  }
  if (first === undefined || last === undefined) return undefined;
  return { first, started: last.started, count: last.count, bytes: joined(parts) };
}

/** Another entry may lie behind the bytes that are here. */
function reachesBeyond(segment: Uint8Array, at: number): boolean {
  const bytesAt = at + ENTRY_HEADER_BYTES;
  if (bytesAt > segment.length) return true;
  const length = readUint32(segment, at + 16);
  return length <= KEPT_BYTES && bytesAt + length > segment.length;
}

/** Undefined where no entry was written, or not completely. */
function readEntry(segment: Uint8Array, at: number): Entry | undefined {
  const bytesAt = at + ENTRY_HEADER_BYTES;
  if (bytesAt > segment.length) return undefined;
  const length = readUint32(segment, at + 16);
  if (length > KEPT_BYTES || bytesAt + length > segment.length) return undefined;
  if (readUint32(segment, at) !== checkOf(segment, at + 4, bytesAt + length)) return undefined;
  return {
    turn: readUint32(segment, at + 4),
    started: readUint32(segment, at + 8),
    count: readUint32(segment, at + 12),
    bytes: segment.subarray(bytesAt, bytesAt + length),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function noted({ started, count, bytes }: Log, received: number): Noted {
  const missing = (count - received) >>> 0;
  const isKnown = missing > 0 && missing <= bytes.length;
  if (isKnown) return { started, missing: bytes.subarray(bytes.length - missing), isBehind: false };
  // `received` may be more than the log knows of: those bytes were written since.
  return { started, missing: undefined, isBehind: missing > 0 && missing < 2 ** 31 };
}

export function segmentAt(which: number): number {
  return LOG_AT + which * SEGMENT_BYTES;
}

/** Completes an entry whose bytes are in place. Returns its length. */
export function sealEntry(
  entry: Uint8Array,
  { turn, started, count, length }: { turn: number; started: number; count: number; length: number },
): number {
  const end = ENTRY_HEADER_BYTES + length;
  writeUint32(entry, 4, turn);
  writeUint32(entry, 8, started);
  writeUint32(entry, 12, count);
  writeUint32(entry, 16, length);
  writeUint32(entry, 0, checkOf(entry, 4, end));
  return end;
}

/** FNV-1a: detects torn writes, not malice. */
function checkOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash >>> 0;
}

function readAt(file: JournalFile, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  return bytes.subarray(0, Math.max(0, file.read(bytes, at)));
}
