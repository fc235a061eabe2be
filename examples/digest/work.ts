/**
 * The worker module: plain exported functions, each a task. Uses only modules that Node, Bun and Deno all have. Knows
 * nothing of pools, retries or kills.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

export interface Digest {
  readonly bytes: number;
  /** Newline characters, as `wc -l` counts them. */
  readonly lines: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

const CHUNK_BYTES = 1024 * 1024;
const NEWLINE = 10;

/** Reads a file in pieces, so that its size does not matter. */
export function digest(path: string): Digest {
  const hash = createHash("sha256");
  let bytes = 0;
  let lines = 0;
  const file = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      const piece = chunk.subarray(0, read);
      hash.update(piece);
      bytes += read;
      for (let at = piece.indexOf(NEWLINE); at !== -1; at = piece.indexOf(NEWLINE, at + 1)) lines++;
    }
  } finally {
    closeSync(file);
  }
  return { bytes, lines, sha256: hash.digest("hex") };
}

/** The size of one part of a file after Brotli. */
export function brotliSize(path: string, from: number, length: number, quality: number): number {
  const part = Buffer.allocUnsafe(length);
  let filled = 0;
  const file = openSync(path, "r");
  try {
    while (filled < length) {
      const read = readSync(file, part, filled, length - filled, from + filled);
      if (read === 0) throw new Error(`Expected ${length} bytes at ${from} of ${path}, found only ${filled}`);
      filled += read;
    }
  } finally {
    closeSync(file);
  }
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_SIZE_HINT]: length,
  };
  return brotliCompressSync(part, { params }).length;
}
