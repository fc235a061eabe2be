/**
 * `createSharedBuffer` for processes that are not workers, built by adapters. In a separate file because a worker
 * never needs it.
 */
import type { Runtime } from "../port/runtime.ts";
import { installMemory } from "./process-memory.ts";
import { type CreateSharedBuffer, createSharedBuffer } from "./shared-buffer.ts";

/** For adapters: `createSharedBuffer` on their runtime. */
export function createSharedBufferOn(runtime: Pick<Runtime, "openMemory">): CreateSharedBuffer {
  return (bytes) => {
    installMemory((library) => runtime.openMemory(library));
    return createSharedBuffer(bytes);
  };
}
