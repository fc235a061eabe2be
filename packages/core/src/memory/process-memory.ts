/**
 * The shared memory of this process. It belongs to the process and not to this module, so that two copies of the package
 * (source and build, two versions) know each other's buffers.
 */
import type { Handle } from "./segment.ts";
import { type OpenMemory, SharedMemory } from "./shared-memory.ts";

/** Known to shared-buffer.ts, too. */
const MEMORY = Symbol.for("reapool.shared-memory");

const holder = globalThis as { [MEMORY]?: SharedMemory };

/** How this process gets at the calls it takes; the last who says so is asked. Calls nothing yet. */
export function installMemory(open: OpenMemory): void {
  holder[MEMORY] ??= new SharedMemory();
  holder[MEMORY].openWith(open);
}

/** A file as memory, from its beginning and to the end of this process; undefined where that can't be had. */
export function mapFile(path: string, bytes: number): ArrayBuffer | undefined {
  return holder[MEMORY]?.mapFile(path, bytes);
}

/** What names the memory of an ArrayBuffer to another process; undefined for an ordinary one. */
export function handleOf(buffer: ArrayBuffer): Handle | "released" | undefined {
  return holder[MEMORY]?.handleOf(buffer);
}

/** The memory that another process has named. @throws SerializationError when it can't be had. */
export function receive(handle: Handle): ArrayBuffer {
  holder[MEMORY] ??= new SharedMemory();
  return holder[MEMORY].receive(handle);
}
