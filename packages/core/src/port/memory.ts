/**
 * The calls to libc and to the runtime that shared memory needs. An adapter binds them as they are; `memory/` decides
 * their arguments. Addresses are numbers: Linux gives none above 2 ** 47 unless asked.
 */

export interface MemoryCalls {
  /** This process's own id. */
  readonly pid: number;
  /** The runtime itself calls `munmap` once an ArrayBuffer and all its views are gone. */
  readonly unmapsItself: boolean;
  /** After `pin`, nothing can move the memory of an ArrayBuffer into another one. */
  readonly canPin: boolean;
  /** What is mapped here is freed when this program ends: not so in a thread, whose process lives on. */
  readonly isFreedAtEnd: boolean;
  /** Random bytes, as the port's. */
  fillRandom(bytes: Uint8Array<ArrayBuffer>): void;
  /** `memfd_create(2)`: a descriptor or -1. Paths and names end with a zero byte. */
  memfdCreate(name: Uint8Array, flags: number): number;
  /** `getrlimit(2)`: 0 or -1. The limit takes 16 bytes. */
  getrlimit(resource: number, limit: Uint8Array): number;
  /** `ftruncate(2)`: 0 or -1. */
  ftruncate(descriptor: number, bytes: number): number;
  /** `fcntl(2)` with a number: its result, or -1. */
  fcntl(descriptor: number, command: number, argument: number): number;
  /** `open(2)`: a descriptor or -1. */
  open(path: Uint8Array, flags: number): number;
  /** `readlink(2)`: the number of bytes written to `target`, or -1. */
  readlink(path: Uint8Array, target: Uint8Array): number;
  /** `lseek(2)`: the position or -1. */
  lseek(descriptor: number, offset: number, whence: number): number;
  /** `close(2)`: 0 or -1. */
  close(descriptor: number): number;
  /** `mmap(2)` from the beginning of the file: an address or -1. An address of 0 asks for any. */
  mmap(address: number, bytes: number, protection: number, flags: number, descriptor: number): number;
  /** `munmap(2)`: 0 or -1. */
  munmap(address: number, bytes: number): number;
  /** An ArrayBuffer on exactly this memory. It never frees the memory, unless the runtime unmaps it itself. */
  toArrayBuffer(address: number, bytes: number): ArrayBuffer;
  /** Prevents any transfer of the buffer from now on, as far as the runtime can. */
  pin(buffer: ArrayBuffer): void;
}
