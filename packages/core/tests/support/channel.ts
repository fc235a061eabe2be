/** A channel that keeps what is written to it, for tests of what leaves and in how many writes. */
import type { Channel } from "../../src/port/runtime.ts";

export class RecordingChannel implements Channel {
  /** Held as they came, without a copy: the port allows a channel to do so. */
  readonly writes: Uint8Array[] = [];
  /** As they were at the time of the write. */
  readonly snapshots: Uint8Array[] = [];
  isClosed = false;

  write(bytes: Uint8Array): void {
    this.writes.push(bytes);
    this.snapshots.push(bytes.slice());
  }

  close(): void {
    this.isClosed = true;
  }

  /** Everything written so far, joined. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return join(this.writes);
  }
}

export function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
