/**
 * Writes to stdout and stderr that return when the pipe has all of it. `console.log` does that in Bun; `process.stdout.write`
 * keeps what the pipe does not take, some 200 KB on, for a later turn. To read `process.stdout` makes the descriptor
 * non-blocking, so that a module which writes to it by its number would get EAGAIN: it is set back, where libc can be had.
 */
import { writeSync } from "node:fs";
import type { MemoryCalls } from "@reapool/core";
import { openFirst } from "@reapool/core/serve";
import { openMemory } from "./memory.ts";

/** Between two tries to write to a full pipe that is non-blocking all the same. In ms. */
const TRY_AGAIN_MS = 1;

export function writeThrough(): void {
  const libc = openFirst(openMemory);
  for (const [name, fd] of [
    ["stdout", 1],
    ["stderr", 2],
  ] as const) {
    const stream = typeof libc === "string" ? process[name] : keepingFlags(fd, libc, () => process[name]);
    Object.assign(stream, {
      write: Object.getPrototypeOf(stream).write, // in the place of its own, which takes a shorter way
      _writev: null,
      _write(chunk: Uint8Array | string, encoding: BufferEncoding, onWritten: (error?: unknown) => void) {
        try {
          writeAll(fd, typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
        } catch (error) {
          onWritten(error);
          return;
        }
        onWritten();
      },
    });
  }
}

const F_GETFL = 3;
const F_SETFL = 4;

function keepingFlags<T>(fd: number, { fcntl }: Pick<MemoryCalls, "fcntl">, read: () => T): T {
  const flags = fcntl(fd, F_GETFL, 0);
  const value = read();
  if (flags >= 0) fcntl(fd, F_SETFL, flags);
  return value;
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TRY_AGAIN_MS);
    }
  }
}
