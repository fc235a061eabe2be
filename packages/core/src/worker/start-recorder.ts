/**
 * Keeps the start record of this worker (wire/start-record.ts): by a write to the file for each start, and in a worker
 * that has much to do by a store into the file's memory, where libc can be called. A system call for each start would be
 * a third of what an empty task costs.
 */
import { mapFile } from "../memory/process-memory.ts";
import { bigEndian } from "../wire/integers.ts";
import { NOTHING_STARTED, START_RECORD_BYTES, startRecordOf } from "../wire/start-record.ts";
import type { WorkerHost } from "./serve.ts";

/** To load what calls libc takes some milliseconds: not for a worker that has few tasks, nor before its first. */
const MAPPED_AFTER = 256;

export class StartRecorder {
  readonly #path: string;
  readonly #write: (bytes: Uint8Array) => void;
  /** One element: a store of it is one instruction, so that no death can leave half of a number. */
  #mapped: Uint32Array | undefined;
  #writes = 0;

  constructor(path: string, host: Pick<WorkerHost, "openRecord">) {
    this.#path = path;
    this.#write = host.openRecord(path);
    this.#write(startRecordOf(NOTHING_STARTED));
  }

  /** The task of this number starts now. */
  record(sequence: number): void {
    if (this.#mapped !== undefined) {
      this.#mapped[0] = bigEndian(sequence);
      return;
    }
    this.#write(startRecordOf(sequence));
    if (++this.#writes !== MAPPED_AFTER) return;
    const memory = mapFile(this.#path, START_RECORD_BYTES);
    this.#mapped = memory === undefined ? undefined : new Uint32Array(memory);
  }
}
