/**
 * The public functions, with the checks of their arguments. Finds the memory of the process where process-memory.ts
 * has put it and imports nothing: a worker loads this with `task`, whether it shares memory or not.
 */
import type { SharedMemory } from "./shared-memory.ts";

/** What one typed array holds in every runtime: 4 GiB. */
const MAX_BYTES = 2 ** 32;

/**
 * An ArrayBuffer whose memory other processes can map, too: sent as an argument or a result, it arrives as an
 * ArrayBuffer on the same memory, and no byte is copied. Initially zero; 1 to 2 ** 32 bytes.
 *
 * The memory is freed when the last process that has it lets go of it: by garbage collection, by {@link
 * ReleaseSharedBuffer} or by ending.
 *
 * @throws TypeError or RangeError for a wrong size, RangeError when memory, descriptors or address space have run
 * out, UnsupportedError where the runtime can't call libc or the system is not Linux.
 */
export type CreateSharedBuffer = (bytes: number) => ArrayBuffer;

/**
 * Releases this process's mapping of the memory now, without waiting for the garbage collector. Other processes keep
 * theirs. The ArrayBuffer itself and its views then read as zeros, what is written to them stays local, and they
 * can't be sent any more. A call that was given the buffer may not find it: wait for its answer first.
 *
 * @throws TypeError for anything but an ArrayBuffer from `createSharedBuffer()` or from another process.
 */
export type ReleaseSharedBuffer = (buffer: ArrayBuffer) => void;

export const createSharedBuffer: CreateSharedBuffer = (bytes) => {
  if (typeof bytes !== "number") {
    throw new TypeError(
      `Expected \`bytes\` to be a number, received ${bytes === null ? "null" : typeof bytes}`,
    );
  }
  if (!(Number.isInteger(bytes) && bytes >= 1 && bytes <= MAX_BYTES)) {
    throw new RangeError(`Expected \`bytes\` to be an integer from 1 to ${MAX_BYTES}, received ${bytes}`);
  }
  return memoryOfProcess().create(bytes);
};

export const releaseSharedBuffer: ReleaseSharedBuffer = (buffer) => {
  if (buffer instanceof ArrayBuffer && memoryOfProcess().release(buffer)) return;
  throw new TypeError(
    "Expected an ArrayBuffer of createSharedBuffer(), or one that came from another process",
  );
};

function memoryOfProcess(): SharedMemory {
  const memory = (globalThis as { [key: symbol]: unknown })[Symbol.for("reapool.shared-memory")];
  if (memory !== undefined) return memory as SharedMemory;
  throw new Error(
    "Expected this to be called in a worker; elsewhere import it from the adapter, not from its /worker",
  );
}
