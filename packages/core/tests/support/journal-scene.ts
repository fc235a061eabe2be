/**
 * A worker's journal over a file in memory, and what a reader must find in it. The file may end in the middle of a write,
 * as by a SIGKILL; its disk may be full; it can be mapped. Byte n of the channel is known by n alone.
 */
import { installMemory } from "../../src/memory/process-memory.ts";
import { type JournalFile, KEPT_BYTES, readJournal } from "../../src/wire/journal.ts";
import { Journal } from "../../src/worker/journal.ts";
import { FakeFile } from "./fake-files.ts";
import { fakeMemory } from "./fake-memory.ts";

/** Notes before a worker maps its journal. */
export const MAPPED_AFTER = 256;

const PAGE = 4096;
const MEMORY = Symbol.for("reapool.shared-memory");
const holder = globalThis as { [MEMORY]?: unknown };
const TWO_32 = 2 ** 32;

export class Killed extends Error {}

/** A file whose writer may die in a write, and whose disk may be full. */
class FailingFile extends FakeFile {
  /** Of the next write so many bytes arrive, and the writer is dead. */
  dies: number | undefined;
  isFull = false;
  /** A write that the disk had no room for has arrived in part. */
  isTorn = false;
  readonly #pages = new Set<number>();

  override write(bytes: Uint8Array, at: number): void {
    if (this.dies !== undefined) {
      super.write(bytes.subarray(0, this.dies), at);
      this.dies = 0; // nor does it anything after its death, whatever it would catch
      throw new Killed();
    }
    for (let from = 0; from < bytes.length; ) {
      const page = Math.floor((at + from) / PAGE);
      if (this.isFull && !this.#pages.has(page)) {
        this.isTorn ||= from > 0;
        throw new Error("ENOSPC");
      }
      this.#pages.add(page);
      const end = Math.min(bytes.length, (page + 1) * PAGE - at);
      super.write(bytes.subarray(from, end), at + from);
      from = end;
    }
  }
}

/** Byte `at` of the channel: another one wherever in the ring it comes to lie again. */
function byteAt(at: number): number {
  return ((at % 65_521) * 31 + Math.floor(at / 65_521) * 17 + 1) & 0xff;
}

export function bytesFrom(at: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => byteAt(at + i));
}

/** What a reader must find, whatever else it may. */
interface Safe {
  readonly from: number;
  readonly to: number;
}

export class JournalScene {
  readonly file = new FailingFile();
  journal: Journal | undefined;
  /** Bytes of the channel before the first that is known, and with all that came since. */
  readonly base: number;
  total: number;
  /** Of these, what has left. */
  sent: number;
  /** The last start that was noted to its end, and the one that is being noted. */
  started = 0;
  starting = 0;
  /** Nothing is, once it was torn. */
  safe: Safe | undefined;
  /** Nothing has been appended since the last note. */
  #isNoted = true;

  /** @param base So many bytes have gone before. */
  constructor(base = 0) {
    this.base = base;
    this.total = base;
    this.sent = base;
  }

  open(): void {
    this.journal = new Journal("/journal", this.file);
    const gone = { subarray: (from: number, to: number) => new Uint8Array(to - from) } as Uint8Array;
    if (this.base > 0) {
      this.journal.append(gone, 0, this.base);
      this.journal.starts(0, 0); // no worker appends 4 GiB between two starts
    }
    this.safe = { from: this.total, to: this.total };
  }

  get isMapped(): boolean {
    return this.journal?.isMapped === true;
  }

  /** @param lend Gives something that looks like the bytes, of which the first is byte `at` of the channel. */
  append(length: number, lend: (bytes: Uint8Array, at: number) => Uint8Array = (bytes) => bytes): void {
    const start = length % 7; // somewhere in the buffer of a writer
    const bytes = new Uint8Array(start + length);
    bytes.set(bytesFrom(this.total, length), start);
    this.journal?.append(lend(bytes, this.total - start), start, start + length);
    this.total += length;
    this.#isNoted = false;
    if (this.isMapped) this.#allIsSafe();
  }

  /** The kernel takes so many of the bytes that have not left. */
  send(bytes: number): void {
    this.sent = Math.min(this.total, this.sent + bytes);
  }

  /** A task starts, unless too much has not left. */
  starts(): void {
    const journal = this.journal as Journal;
    if (this.total - this.sent > journal.capacity) return;
    this.starting = this.started + 1;
    this.#noting((unsent) => journal.starts(this.starting, unsent));
    this.started = this.starting;
  }

  keep(): void {
    if (!this.#isNoted) this.#noting((unsent) => this.journal?.keep(unsent));
  }

  #noting(note: (unsent: number) => void): void {
    const unsent = this.total - this.sent;
    const before = this.journal?.capacity as number;
    this.file.isTorn = false;
    this.#isNoted = true;
    try {
      note(unsent);
    } catch (error) {
      // Of more than can be kept the last: a write that was all there holds, and no longer the one before it.
      if (this.file.isTorn || unsent > before) this.safe = undefined;
      throw error;
    }
    if (this.isMapped) this.#allIsSafe();
    // Where the disk has just become full a task starts all the same, though what has not left is not kept.
    else if (this.journal?.capacity !== before) this.safe = { from: this.total, to: this.total };
    else this.safe = { from: this.total - Math.min(unsent, before), to: this.total };
  }

  #allIsSafe(): void {
    this.safe = { from: Math.max(this.base, this.total - KEPT_BYTES), to: this.total };
  }

  /** Reads as somebody who has received so many bytes. Returns what is wrong with what is found, if anything. */
  fault(received: number, file: JournalFile = this.file): string | undefined {
    const { started, safe, sent } = this;
    // What is written while it is read counts as torn, so that what was before it holds: of a start before.
    const isExact = file === this.file || this.isMapped;
    const found = readJournal(file, received % TWO_32);
    if (isExact && found.started < started) return `started ${found.started} after ${started}`;
    if (found.started > this.starting && found.started !== TWO_32 - 1)
      return `started ${found.started}, which never was`;
    const { missing } = found;
    if (missing === undefined) {
      const isSafe = safe !== undefined && received >= Math.max(safe.from, sent) && received < safe.to;
      return isSafe ? `nothing behind ${received}, of ${safe.from} to ${safe.to}` : undefined;
    }
    if (missing.length === 0) return "no bytes, as if there were some";
    if (received + missing.length > this.total) return "more than was ever written";
    if (safe !== undefined && received >= safe.from && received + missing.length < safe.to) return "not all";
    const wrong = missing.findIndex((byte, i) => byte !== byteAt(received + i));
    return wrong === -1 ? undefined : `a wrong byte at ${wrong} of ${missing.length}`;
  }
}

/** Lets `mapFile` find this file, until the function that is returned is called. */
export function mappable(file: () => FakeFile | undefined): () => void {
  const saved = holder[MEMORY];
  delete holder[MEMORY];
  const memory = fakeMemory();
  installMemory(() => ({
    ...memory,
    open: () => (file() === undefined ? -1 : 3),
    mmap: () => PAGE,
    close: () => 0,
    toArrayBuffer: (_address, bytes) => (file() as FakeFile).map(bytes),
  }));
  return () => {
    if (saved === undefined) delete holder[MEMORY];
    else holder[MEMORY] = saved;
  };
}
