/**
 * A piece of shared memory as the kernel sees it: a file that no folder names (memfd), which lives as long as any
 * process has a descriptor or a mapping of it. Owns creating, finding and releasing it, and the proof that what was
 * found is what was meant; shared-memory.ts knows which ArrayBuffer lies on which segment.
 */
import type { MemoryCalls } from "../port/memory.ts";
import { randomHex } from "../random-hex.ts";

/** How another process finds it: through /proc, among the descriptors of a process that has it. */
export interface Handle {
  /** Unique to this memory: 128 random bits, in hexadecimal. */
  readonly id: string;
  readonly bytes: number;
  readonly pid: number;
  readonly descriptor: number;
}

/** The segment as this process has mapped it. */
export interface Segment {
  readonly id: string;
  readonly bytes: number;
  /** -1: closed. */
  descriptor: number;
  readonly address: number;
  /** No application ever sees its ArrayBuffer. */
  readonly isHidden: boolean;
}

/** A failure, phrased as the end of a sentence. */
export class SegmentFailure extends Error {}

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
/** Linux 6.3; implies sealing. Some systems require it. */
const MFD_NOEXEC_SEAL = 8;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_SEAL = 1;
/** It can neither shrink nor grow: a process that touched a part that was cut off would die of SIGBUS. */
const FIXED_SIZE_SEALS = 2 | 4;
const O_RDWR = 2;
const O_NOCTTY = 0o400;
/** Opening must not wait, whatever the path leads to. */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_NOFOLLOW = 0o400000;
/** Finds the file without opening it: nothing happens to a device or a pipe. */
const O_PATH = 0o10000000;
const RLIMIT_FSIZE = 1;
const SEEK_END = 2;
const READ_AND_WRITE = 1 | 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;

/** What one typed array holds in every runtime; shared-buffer.ts, which imports nothing, has the same bound. */
const MAX_BYTES = 2 ** 32;

const ID_BYTES = 16;
const ID = /^[0-9a-f]{32}$/;

/** @throws SegmentFailure */
export function createSegment(calls: MemoryCalls, bytes: number, isHidden = false): Segment {
  if (bytes > maxFileBytes(calls)) throw new SegmentFailure("files may not be as large (ulimit -f)");
  const id = randomHex(ID_BYTES, calls);
  const name = toPath(nameOf(id));
  let descriptor = calls.memfdCreate(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);
  if (descriptor < 0) descriptor = calls.memfdCreate(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) throw new SegmentFailure(NO_DESCRIPTOR);
  if (
    calls.ftruncate(descriptor, bytes) < 0 ||
    calls.fcntl(descriptor, F_ADD_SEALS, FIXED_SIZE_SEALS | F_SEAL_SEAL) < 0
  ) {
    calls.close(descriptor);
    throw new SegmentFailure("the kernel does not give as much");
  }
  return { id, bytes, descriptor, address: map(calls, descriptor, bytes), isHidden };
}

/** The kernel ends a process with SIGXFSZ that makes a file larger, unless it ignores that: Node and Bun do, Deno does not. */
function maxFileBytes(calls: MemoryCalls): number {
  const limit = new BigUint64Array(2);
  const isKnown = calls.getrlimit(RLIMIT_FSIZE, new Uint8Array(limit.buffer)) === 0;
  return isKnown ? Number(limit[0]) : Number.POSITIVE_INFINITY;
}

/** @throws SegmentFailure */
export function openSegment(calls: MemoryCalls, handle: Handle, isHidden = false): Segment {
  const { id, bytes, pid, descriptor: theirs } = handle;
  const descriptor = openNamed(calls, `/proc/${pid}/fd/${theirs}`, id);
  if (!isSegment(calls, descriptor, bytes)) {
    calls.close(descriptor);
    throw new SegmentFailure(RELEASED);
  }
  return { id, bytes, descriptor, address: map(calls, descriptor, bytes), isHidden };
}

/**
 * What another process names may be anything that it or this process has open: a device, a pipe, a file of its victim. Its
 * name is compared before it is opened, and it is opened through the very descriptor whose name was compared.
 *
 * @throws SegmentFailure
 */
function openNamed(calls: MemoryCalls, path: string, id: string): number {
  const found = calls.open(toPath(path), O_PATH | O_CLOEXEC);
  if (found < 0) throw new SegmentFailure(UNREACHABLE);
  const opened = `/proc/self/fd/${found}`;
  const isMeant = targetOf(calls, opened) === `/memfd:${nameOf(id)} (deleted)`;
  // O_NONBLOCK all the same: /proc may be anything in a container.
  const descriptor = isMeant ? calls.open(toPath(opened), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
  calls.close(found);
  if (descriptor >= 0) return descriptor;
  throw new SegmentFailure(isMeant ? UNREACHABLE : RELEASED);
}

function targetOf(calls: MemoryCalls, path: string): string {
  const target = new Uint8Array(128);
  const length = calls.readlink(toPath(path), target);
  return new TextDecoder().decode(target.subarray(0, Math.max(0, length)));
}

/** Only a memfd has seals: no file can pretend to be one by its name. */
function isSegment(calls: MemoryCalls, descriptor: number, bytes: number): boolean {
  const seals = calls.fcntl(descriptor, F_GET_SEALS, 0); // -1 for any other file, which has every bit
  return (
    seals >= 0 &&
    (seals & FIXED_SIZE_SEALS) === FIXED_SIZE_SEALS &&
    calls.lseek(descriptor, 0, SEEK_END) === bytes
  );
}

function map(calls: MemoryCalls, descriptor: number, bytes: number): number {
  const address = calls.mmap(0, bytes, READ_AND_WRITE, MAP_SHARED, descriptor);
  if (address > 0) return address;
  calls.close(descriptor);
  throw new SegmentFailure("there is no address space for it (ulimit -v, vm.max_map_count)");
}

/** The address at which a file is mapped from now on; undefined when it can't be mapped. */
export function mapFile(calls: MemoryCalls, path: string, bytes: number): number | undefined {
  const descriptor = calls.open(toPath(path), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return undefined;
  const address = calls.mmap(0, bytes, READ_AND_WRITE, MAP_SHARED, descriptor);
  calls.close(descriptor);
  return address > 0 ? address : undefined;
}

export function closeSegment(calls: MemoryCalls, segment: Segment): void {
  if (segment.descriptor >= 0) calls.close(segment.descriptor);
  segment.descriptor = -1;
}

/** The caller guarantees that nothing points there any more. */
export function unmapSegment(calls: MemoryCalls, { address, bytes }: Segment): void {
  calls.munmap(address, bytes);
}

/**
 * Frees the memory and leaves empty private memory in its place: whatever still points there reads zeros and can't
 * crash.
 */
export function blankSegment(calls: MemoryCalls, { address, bytes }: Segment): void {
  const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
  calls.mmap(address, bytes, READ_AND_WRITE, flags, -1);
}

export function isHandle(
  handle: {
    readonly [K in keyof Handle]: unknown;
  },
): handle is Handle {
  const { id, bytes, pid, descriptor } = handle;
  return (
    typeof id === "string" &&
    ID.test(id) &&
    [bytes, pid, descriptor].every((number) => Number.isSafeInteger(number) && (number as number) >= 0) &&
    (bytes as number) > 0 &&
    (bytes as number) <= MAX_BYTES
  );
}

/** The descriptor's number may have been reused for another file. */
const RELEASED = "it is gone: the sender has released it before it came here";
const NO_DESCRIPTOR = "out of file descriptors (ulimit -n)";
const UNREACHABLE =
  "it is gone, or can't be reached: the sender has ended or released it, it runs as another user or in another " +
  `container, or this process is ${NO_DESCRIPTOR}`;

/** This name is visible in /proc/<pid>/maps. */
function nameOf(id: string): string {
  return `reapool-${id}`;
}

function toPath(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}
