/**
 * The shared memory of this process. It belongs to the process and not to this module, so that two copies of the
 * package (source and build, or two versions) recognise each other's buffers.
 */
import type { Handle } from "./segment.ts";
import { type HiddenMemory, type OpenMemory, SharedMemory } from "./shared-memory.ts";

/** shared-buffer.ts uses the same key. */
const MEMORY = Symbol.for("reapool.shared-memory");

const holder = globalThis as { [MEMORY]?: SharedMemory };

/** Sets how this process loads the calls it needs; the last setting wins. Loads nothing yet. */
export function installMemory(open: OpenMemory): void {
  holder[MEMORY] ??= new SharedMemory();
  holder[MEMORY].openWith(open);
}

/** Maps a file from its beginning, until this process ends; undefined where that is not possible. */
export function mapFile(path: string, bytes: number): ArrayBuffer | undefined {
  return holder[MEMORY]?.mapFile(path, bytes);
}

/** As `SharedMemory` has it. */
export function createHidden(bytes: number): HiddenMemory | undefined {
  return holder[MEMORY]?.createHidden(bytes);
}

/** As `SharedMemory` has it. */
export function receiveHidden(handle: Handle): ArrayBuffer | undefined {
  return holder[MEMORY]?.receiveHidden(handle);
}

/** As `SharedMemory` has it. */
export function closeDescriptor(memory: ArrayBuffer): void {
  holder[MEMORY]?.closeDescriptor(memory);
}

/** Releases this process's mapping of the memory now. */
export function release(memory: ArrayBuffer): void {
  holder[MEMORY]?.release(memory);
}

/** The handle that names a buffer's memory to another process; undefined for an ordinary buffer. */
export function handleOf(buffer: ArrayBuffer): Handle | "released" | undefined {
  return holder[MEMORY]?.handleOf(buffer);
}

/** The memory that another process has named. @throws SerializationError when it can't be mapped. */
export function receive(handle: Handle): ArrayBuffer {
  holder[MEMORY] ??= new SharedMemory();
  return holder[MEMORY].receive(handle);
}
