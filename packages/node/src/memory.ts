/**
 * Shared memory from Node: through `node:ffi` or koffi. Apart from libc.ts, so that a worker loads no more than this.
 */
import type { MemoryCalls } from "@reapool/core";
import { type Call, type Ffi, hasFfi, lacking, loadFfi, loadKoffi } from "./foreign-functions.ts";
import { fillRandom } from "./random.ts";

export function canOpenMemory(): boolean {
  return lacking() === undefined;
}

export function openMemory(library: string): MemoryCalls {
  const reason = lacking();
  if (reason !== undefined) throw new Error(reason);
  return hasFfi() ? openByFfi(library) : openByKoffi(library);
}

/** Node warns that it is experimental; whoever runs the application has not chosen it, and can do nothing about it. */
function loadFfiQuietly(): Ffi {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return loadFfi();
  } finally {
    process.emitWarning = emitWarning;
  }
}

function openByFfi(name: string): MemoryCalls {
  const ffi = loadFfiQuietly();
  const { markAsUntransferable } = process.getBuiltinModule("node:worker_threads");
  const libc = ffi.dlopen(name, {
    memfd_create: { arguments: ["buffer", "uint32"], return: "int32" },
    getrlimit: { arguments: ["int32", "buffer"], return: "int32" },
    ftruncate: { arguments: ["int32", "int64"], return: "int32" },
    fcntl: { arguments: ["int32", "int32", "int64"], return: "int32" },
    open: { arguments: ["buffer", "int32", "int32"], return: "int32" },
    readlink: { arguments: ["buffer", "buffer", "uint64"], return: "int64" },
    lseek: { arguments: ["int32", "int64", "int32"], return: "int64" },
    close: { arguments: ["int32"], return: "int32" },
    mmap: { arguments: ["uint64", "uint64", "int32", "int32", "int32", "int64"], return: "int64" },
    munmap: { arguments: ["uint64", "uint64"], return: "int32" },
  }).functions as Record<Symbols, Call>;
  return {
    ...calls(libc, BigInt),
    canPin: true,
    toArrayBuffer: (address, bytes) => ffi.toArrayBuffer(BigInt(address), bytes, false),
    pin: markAsUntransferable,
  };
}

function openByKoffi(name: string): MemoryCalls {
  const koffi = loadKoffi();
  const library = koffi.load(name);
  const libc = {
    memfd_create: library.func("int memfd_create(void *, unsigned int)"),
    getrlimit: library.func("int getrlimit(int, void *)"),
    ftruncate: library.func("int ftruncate(int, int64_t)"),
    fcntl: library.func("int fcntl(int, int, int64_t)"),
    open: library.func("int open(void *, int, int)"),
    readlink: library.func("int64_t readlink(void *, void *, uint64_t)"),
    lseek: library.func("int64_t lseek(int, int64_t, int)"),
    close: library.func("int close(int)"),
    mmap: library.func("int64_t mmap(uint64_t, uint64_t, int, int, int, int64_t)"),
    munmap: library.func("int munmap(uint64_t, uint64_t)"),
  };
  return {
    ...calls(libc, Number),
    canPin: false,
    toArrayBuffer: (address, bytes) => koffi.view(BigInt(address), bytes),
    // Node does not transfer it in messages by itself, and detaches it at its end, which the mark would make a crash.
    pin: () => {},
  };
}

type Symbols =
  | "memfd_create"
  | "getrlimit"
  | "ftruncate"
  | "fcntl"
  | "open"
  | "readlink"
  | "lseek"
  | "close"
  | "mmap"
  | "munmap";

/** `long` is how the binding takes an integer of 64 bits. */
function calls(
  libc: Record<Symbols, Call>,
  long: (value: number) => number | bigint,
): Omit<MemoryCalls, "canPin" | "toArrayBuffer" | "pin"> {
  return {
    pid: process.pid,
    unmapsItself: false,
    isFreedAtEnd: process.getBuiltinModule("node:worker_threads").isMainThread,
    fillRandom,
    memfdCreate: (name, flags) => Number(libc.memfd_create(name, flags)),
    getrlimit: (resource, limit) => Number(libc.getrlimit(resource, limit)),
    ftruncate: (descriptor, bytes) => Number(libc.ftruncate(descriptor, long(bytes))),
    fcntl: (descriptor, command, argument) => Number(libc.fcntl(descriptor, command, long(argument))),
    open: (path, flags) => Number(libc.open(path, flags, 0)),
    readlink: (path, target) => Number(libc.readlink(path, target, long(target.length))),
    lseek: (descriptor, offset, whence) => Number(libc.lseek(descriptor, long(offset), whence)),
    close: (descriptor) => Number(libc.close(descriptor)),
    mmap: (address, bytes, protection, flags, descriptor) =>
      Number(libc.mmap(long(address), long(bytes), protection, flags, descriptor, long(0))),
    munmap: (address, bytes) => Number(libc.munmap(long(address), long(bytes))),
  };
}
