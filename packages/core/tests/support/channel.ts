/** A channel that keeps what is written to it, for tests of what leaves and in how many writes. */
import type { Channel } from "../../src/port/runtime.ts";

export class RecordingChannel implements Channel {
  /** Held as they came, without a copy: the port allows a channel to do so. */
  readonly writes: Uint8Array[] = [];
  /** As they were at the time of the write. */
  readonly snapshots: Uint8Array[] = [];
  isClosed = false;
  /** The kernel takes nothing until `take`. */
  isFull = false;
  unsent = 0;
  readonly #onSent: (() => void)[] = [];

  write(bytes: Uint8Array, onSent?: () => void): void {
    if (bytes.length > 0) {
      this.writes.push(bytes);
      this.snapshots.push(bytes.slice());
    }
    if (this.isFull) this.unsent += bytes.length;
    if (onSent !== undefined) this.#onSent.push(onSent);
  }

  /** The kernel takes all that waits: only now it says so, as what is held here may not be written over. */
  take(): void {
    this.unsent = 0;
    for (const onSent of this.#onSent.splice(0)) onSent();
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
