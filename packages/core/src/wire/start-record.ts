/**
 * Which task a worker started last: four bytes in a file, written by the worker before each start and read
 * by the host only after a death. A worker starts its tasks in the order of their numbers, so one number
 * says exactly which of those it was sent had begun. A write to a file survives SIGKILL; a frame that waits
 * in the worker would not.
 */
import { readUint32, writeUint32 } from "./integers.ts";

export const START_RECORD_BYTES = 4;

/** No task has been started. */
export const NOTHING_STARTED = 0;

const record = new Uint8Array(START_RECORD_BYTES);

/** The bytes to write, valid until the next call: one is made for each start, and must cost nothing. */
export function startRecordOf(sequence: number): Uint8Array {
  writeUint32(record, 0, sequence);
  return record;
}

/** Without a record every task counts as started: one that may have run is never run again. */
export function readStartRecord(bytes: Uint8Array | undefined): number {
  return bytes?.length === START_RECORD_BYTES ? readUint32(bytes, 0) : Number.POSITIVE_INFINITY;
}
