/**
 * Shared memory from Deno: through `Deno.dlopen`, where the process has `--allow-ffi`. Apart from libc.ts, so that a
 * worker loads no more than this.
 */
import { bare, type MemoryCalls } from "@reapool/core";
import { isGranted } from "./is-granted.ts";
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
  if (Deno.build.os !== "linux") return "it takes Linux";
  if (isGranted({ name: "ffi" })) return undefined;
  return "Deno calls libc with --allow-ffi alone";
}

/** What is only lent to a call. */
type Bytes = Uint8Array<ArrayBuffer>;

function openByFfi(name: string): MemoryCalls {
  const libc = Deno.dlopen(
    name,
    bare({
      memfd_create: bare({ parameters: ["buffer", "u32"], result: "i32" }),
      getrlimit: bare({ parameters: ["i32", "buffer"], result: "i32" }),
      ftruncate: bare({ parameters: ["i32", "i64"], result: "i32" }),
      fcntl: bare({ parameters: ["i32", "i32", "i64"], result: "i32" }),
      open: bare({ parameters: ["buffer", "i32", "i32"], result: "i32" }),
      readlink: bare({ parameters: ["buffer", "buffer", "u64"], result: "i64" }),
      lseek: bare({ parameters: ["i32", "i64", "i32"], result: "i64" }),
      close: bare({ parameters: ["i32"], result: "i32" }),
      mmap: bare({ parameters: ["u64", "u64", "i32", "i32", "i32", "i64"], result: "i64" }),
      munmap: bare({ parameters: ["u64", "u64"], result: "i32" }),
    }),
  ).symbols;
  return {
    pid: Deno.pid,
    unmapsItself: false,
    canPin: true,
    isFreedAtEnd: isMainThread(),
    fillRandom,
    memfdCreate: (fileName, flags) => libc.memfd_create(fileName as Bytes, flags),
    getrlimit: (resource, limit) => libc.getrlimit(resource, limit as Bytes),
    ftruncate: (descriptor, bytes) => libc.ftruncate(descriptor, BigInt(bytes)),
    fcntl: (descriptor, command, argument) => libc.fcntl(descriptor, command, BigInt(argument)),
    open: (path, flags) => libc.open(path as Bytes, flags, 0),
    readlink: (path, target) => Number(libc.readlink(path as Bytes, target as Bytes, BigInt(target.length))),
    lseek: (descriptor, offset, whence) => Number(libc.lseek(descriptor, BigInt(offset), whence)),
    close: (descriptor) => libc.close(descriptor),
    mmap: (address, bytes, protection, flags, descriptor) =>
      Number(libc.mmap(BigInt(address), BigInt(bytes), protection, flags, descriptor, 0n)),
    munmap: (address, bytes) => libc.munmap(BigInt(address), BigInt(bytes)),
    toArrayBuffer: (address, bytes) => Deno.UnsafePointerView.getArrayBuffer(toPointer(address), bytes),
    pin: (buffer) => workerThreads().markAsUntransferable(buffer),
  };
}

function toPointer(address: number): Deno.PointerObject {
  return Deno.UnsafePointer.create(BigInt(address)) as Deno.PointerObject;
}

/** Neither a web worker nor a thread of `node:worker_threads`, each of which only one of the two recognises. */
const isMainThread = () => workerThreads().isMainThread && !Object.hasOwn(globalThis, "WorkerGlobalScope");

interface WorkerThreads {
  readonly isMainThread: boolean;
  markAsUntransferable(buffer: ArrayBuffer): void;
}

/** Not imported: it would be loaded at every start. */
function workerThreads(): WorkerThreads {
  const { process } = globalThis as unknown as {
    process: { getBuiltinModule(name: string): WorkerThreads };
  };
  return process.getBuiltinModule("node:worker_threads");
}
