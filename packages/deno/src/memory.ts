/**
 * Shared memory from Deno: through `Deno.dlopen`, where the process has `--allow-ffi`. Apart from libc.ts, so that a
 * worker loads no more than this.
 */
import type { MemoryCalls } from "@reapool/core";
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

/** Left out, it is looked for on `Object.prototype`. Not `bare`: a worker would load all of core for it. */
const NOW = { nonblocking: false } as const;

function openByFfi(name: string): MemoryCalls {
  const libc = Deno.dlopen(name, {
    memfd_create: { parameters: ["buffer", "u32"], result: "i32", ...NOW },
    getrlimit: { parameters: ["i32", "buffer"], result: "i32", ...NOW },
    ftruncate: { parameters: ["i32", "i64"], result: "i32", ...NOW },
    fcntl: { parameters: ["i32", "i32", "i64"], result: "i32", ...NOW },
    open: { parameters: ["buffer", "i32", "i32"], result: "i32", ...NOW },
    readlink: { parameters: ["buffer", "buffer", "u64"], result: "i64", ...NOW },
    lseek: { parameters: ["i32", "i64", "i32"], result: "i64", ...NOW },
    close: { parameters: ["i32"], result: "i32", ...NOW },
    mmap: { parameters: ["u64", "u64", "i32", "i32", "i32", "i64"], result: "i64", ...NOW },
    munmap: { parameters: ["u64", "u64"], result: "i32", ...NOW },
  }).symbols;
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
