/** Files in memory, by path and by an open descriptor, as far as the port and a worker need them. */
import type { OpenFile } from "../../src/port/runtime.ts";

const SMALLEST_BYTES = 4096;
let made = 0;

export class FakeFile {
  /** No two have the same. */
  readonly id = `file ${++made}`;
  /** What a write throws. */
  writeError: unknown;
  #memory = new ArrayBuffer(SMALLEST_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.slice(0, this.#length));
  }

  write(bytes: Uint8Array, at: number): void {
    if (this.writeError !== undefined) throw this.writeError;
    this.#makeRoom(at + bytes.length);
    new Uint8Array(this.#memory).set(bytes, at);
    this.#length = Math.max(this.#length, at + bytes.length);
  }

  read(bytes: Uint8Array, at: number): number {
    const there = new Uint8Array(this.#memory, 0, this.#length).subarray(at, at + bytes.length);
    bytes.set(there);
    return there.length;
  }

  /** What lies behind its end is cut off. */
  truncate(length: number): void {
    new Uint8Array(this.#memory).fill(0, length);
    this.#length = Math.min(this.#length, length);
  }

  /** The very memory it lies in: it must not grow beyond `bytes` any more. */
  map(bytes: number): ArrayBuffer {
    this.#makeRoom(bytes);
    return this.#memory;
  }

  #makeRoom(bytes: number): void {
    if (bytes <= this.#memory.byteLength) return;
    const larger = new ArrayBuffer(Math.max(bytes, this.#memory.byteLength * 2));
    new Uint8Array(larger).set(new Uint8Array(this.#memory));
    this.#memory = larger;
  }
}

export class FakeFiles {
  /** Paths of those that the host has open. */
  readonly open = new Set<string>();
  /** A removed one lives on with whoever has it open. */
  readonly #files = new Map<string, FakeFile>();
  readonly #writeError: () => unknown;

  /** @param writeError What each write of the host throws; undefined for nothing. */
  constructor(writeError: () => unknown) {
    this.#writeError = writeError;
  }

  get(path: string): FakeFile | undefined {
    return this.#files.get(path);
  }

  /** As the host opens it: it is made if it is not there. */
  openOrMake(path: string): OpenFile {
    const file = this.#files.get(path) ?? new FakeFile();
    this.#files.set(path, file);
    this.open.add(path);
    return {
      write: (bytes, at) => {
        const error = this.#writeError();
        if (error !== undefined) throw error;
        file.write(bytes, at);
      },
      read: (bytes, at) => file.read(bytes, at),
      close: () => void this.open.delete(path),
    };
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  removeFolder(path: string): void {
    for (const name of this.#files.keys()) if (name.startsWith(`${path}/`)) this.#files.delete(name);
  }
}
