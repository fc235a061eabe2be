/** Shared memory from Bun: through `bun:ffi`. Apart from libc.ts, so that a worker loads no more than this. */
import type { MemoryCalls } from "@reapool/core";
import { fillRandom } from "./random.ts";

export function canOpenMemory(): boolean {
  return missing() === undefined;
}

export function openMemory(library: string): MemoryCalls {
  const reason = missing();
  if (reason !== undefined) throw new Error(reason);
  return openByFfi(library);
}

function missing(): string | undefined {
  return process.platform === "linux" ? undefined : "it takes Linux";
}

/** The types leave the last two out; the manual has them. */
type ToArrayBuffer = (
  address: number,
  offset: number,
  bytes: number,
  context: number,
  deallocator: number,
) => ArrayBuffer;

function openByFfi(name: string): MemoryCalls {
  // Not imported: they would be loaded at every start of a worker.
  const { dlopen, toArrayBuffer } = process.getBuiltinModule(
    "bun:ffi",
  ) as unknown as typeof import("bun:ffi");
  const { isMainThread, markAsUntransferable } = process.getBuiltinModule("node:worker_threads");
  const libc = dlopen(name, {
    memfd_create: { args: ["ptr", "u32"], returns: "i32" },
    getrlimit: { args: ["i32", "ptr"], returns: "i32" },
    ftruncate: { args: ["i32", "i64"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i64"], returns: "i32" },
    open: { args: ["ptr", "i32", "i32"], returns: "i32" },
    readlink: { args: ["ptr", "ptr", "u64"], returns: "i64" },
    lseek: { args: ["i32", "i64", "i32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
    mmap: { args: ["u64", "u64", "i32", "i32", "i32", "i64"], returns: "i64" },
    munmap: { args: ["u64", "u64"], returns: "i32" },
    dlsym: { args: ["u64", "ptr"], returns: "i64" },
  }).symbols;
  // In Bun a view may outlive the ArrayBuffer that JavaScript sees: only the runtime knows when the memory is free. It
  // calls `void deallocator(void *bytes, void *context)`, which munmap(2) is, with the length as the context.
  const munmap = Number(libc.dlsym(0, new TextEncoder().encode("munmap\0")));
  return {
    pid: process.pid,
    unmapsItself: true,
    canPin: false,
    isFreedAtEnd: isMainThread,
    fillRandom,
    memfdCreate: (fileName, flags) => libc.memfd_create(fileName, flags),
    getrlimit: (resource, limit) => libc.getrlimit(resource, limit),
    ftruncate: (descriptor, bytes) => libc.ftruncate(descriptor, bytes),
    fcntl: (descriptor, command, argument) => libc.fcntl(descriptor, command, argument),
    open: (path, flags) => libc.open(path, flags, 0),
    readlink: (path, target) => Number(libc.readlink(path, target, target.length)),
    lseek: (descriptor, offset, whence) => Number(libc.lseek(descriptor, offset, whence)),
    close: (descriptor) => libc.close(descriptor),
    mmap: (address, bytes, protection, flags, descriptor) =>
      Number(libc.mmap(address, bytes, protection, flags, descriptor, 0)),
    munmap: (address, bytes) => libc.munmap(address, bytes),
    toArrayBuffer: (address, bytes) =>
      (toArrayBuffer as unknown as ToArrayBuffer)(address, 0, bytes, bytes, munmap),
    pin: markAsUntransferable,
  };
}
