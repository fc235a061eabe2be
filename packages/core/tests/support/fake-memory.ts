/** A kernel with memory and nothing else: files without a name, their descriptors and mappings, as libc sees them. */
import type { MemoryCalls } from "../../src/port/memory.ts";

interface FakeFile {
  readonly name: string;
  bytes: number;
  seals: number;
}

export interface FakeMemory extends MemoryCalls {
  /** By number. */
  readonly descriptors: Map<number, FakeFile>;
  /** By address. */
  readonly mappings: Map<number, FakeFile | "blank">;
  /** Calls that fail from now on. */
  readonly failing: Set<keyof MemoryCalls>;
  readonly pinned: ArrayBuffer[];
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).replace("\0", "");
const PAGE = 4096;
const MAP_FIXED = 0x10;
const F_ADD_SEALS = 1033;

export function fakeMemory(
  nature: Partial<Pick<MemoryCalls, "unmapsItself" | "canPin" | "pid" | "isFreedAtEnd">> & {
    maxFileBytes?: number;
  } = {},
): FakeMemory {
  const descriptors = new Map<number, FakeFile>();
  const mappings = new Map<number, FakeFile | "blank">();
  const failing = new Set<keyof MemoryCalls>();
  const pinned: ArrayBuffer[] = [];
  let [lastDescriptor, lastAddress] = [2, 0];
  const pid = nature.pid ?? 1000;
  const add = (file: FakeFile) => {
    descriptors.set(++lastDescriptor, file);
    return lastDescriptor;
  };
  const fileAt = (path: Uint8Array) =>
    descriptors.get(Number(text(path).replace(`/proc/${pid}/fd/`, "").replace("/proc/self/fd/", "")));
  const unless = (call: keyof MemoryCalls, work: () => number) => (failing.has(call) ? -1 : work());
  return {
    descriptors,
    mappings,
    failing,
    pinned,
    pid,
    unmapsItself: nature.unmapsItself ?? false,
    canPin: nature.canPin ?? true,
    isFreedAtEnd: nature.isFreedAtEnd ?? true,
    fillRandom: (bytes) => void crypto.getRandomValues(bytes),
    getrlimit: (_resource, limit) => {
      new BigUint64Array(limit.buffer).fill(BigInt(nature.maxFileBytes ?? 2 ** 40));
      return 0;
    },
    memfdCreate: (name) => unless("memfdCreate", () => add({ name: text(name), bytes: 0, seals: 0 })),
    ftruncate: (descriptor, bytes) =>
      unless("ftruncate", () => {
        (descriptors.get(descriptor) as FakeFile).bytes = bytes;
        return 0;
      }),
    fcntl: (descriptor, command, argument) =>
      unless("fcntl", () => {
        const file = descriptors.get(descriptor) as FakeFile;
        if (command !== F_ADD_SEALS) return file.seals;
        file.seals |= argument;
        return 0;
      }),
    open: (path) =>
      unless("open", () => {
        const file = fileAt(path);
        return file === undefined ? -1 : add(file);
      }),
    readlink: (path, target) =>
      unless("readlink", () => {
        const name = fileAt(path)?.name;
        return name === undefined
          ? -1
          : new TextEncoder().encodeInto(`/memfd:${name} (deleted)`, target).written;
      }),
    lseek: (descriptor) => unless("lseek", () => descriptors.get(descriptor)?.bytes ?? -1),
    close: (descriptor) => (descriptors.delete(descriptor) ? 0 : -1),
    mmap: (address, _bytes, _protection, flags, descriptor) =>
      unless("mmap", () => {
        if ((flags & MAP_FIXED) !== 0) {
          mappings.set(address, "blank");
          return address;
        }
        lastAddress += PAGE;
        mappings.set(lastAddress, descriptors.get(descriptor) as FakeFile);
        return lastAddress;
      }),
    munmap: (address) => (mappings.delete(address) ? 0 : -1),
    toArrayBuffer: (_address, bytes) => new ArrayBuffer(bytes),
    pin: (buffer) => void pinned.push(buffer),
  };
}
