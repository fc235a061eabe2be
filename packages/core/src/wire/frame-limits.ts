/**
 * How long the payload of each type of frame may be: known from its header, so that nothing larger is held before it is
 * refused. A type that is not in the table has no business on this way; its frame is refused by whoever gets it, and until
 * then holds no bytes.
 */
import { ProtocolError } from "../errors.ts";
import { FrameType, frameName, HEADER_BYTES_IN_LENGTH, MAX_FRAME_BYTES } from "./frame.ts";

/** In bytes, by type. */
export type FrameLimits = readonly (number | undefined)[];

/** Millions of names would block a host for seconds before they could be counted. */
const MAX_READY_BYTES = 4 * 1_024 * 1_024;
/** Of the error that ends a worker, which sends 8,192 UTF-16 units of it: they must fit into its journal. */
const MAX_DYING_BYTES = 64 * 1_024;
export const PULL_BYTES = 4;
export const PULL_INPUT_BYTES = 5;
export const POSITION_BYTES = 1;
const HEARING_BYTES = 1;
/** The JSON text of a handle. */
const MAX_LANE_PAYLOAD_BYTES = 256;
const LANE_TAKEN_BYTES = 1;
export const LAID_PAYLOAD_BYTES = 8;

/** Whatever holds a value of the application's: its size is limited by memory alone. */
const VALUE = MAX_FRAME_BYTES - HEADER_BYTES_IN_LENGTH;

function limits(table: Partial<Record<keyof typeof FrameType, number>>): FrameLimits {
  const byType = new Array<number | undefined>(256).fill(undefined);
  for (const [name, bytes] of Object.entries(table))
    byType[FrameType[name as keyof typeof FrameType]] = bytes;
  return byType;
}

const IN_BOTH_DIRECTIONS = {
  Taken: 0,
  Bytes: VALUE,
  Lane: MAX_LANE_PAYLOAD_BYTES,
  LaneTaken: LANE_TAKEN_BYTES,
  Laid: LAID_PAYLOAD_BYTES,
};

/** What a worker sends, once its Hello is accepted. */
export const FROM_WORKER: FrameLimits = limits({
  Ready: MAX_READY_BYTES,
  StartFailed: VALUE,
  Result: VALUE,
  Failure: VALUE,
  Unsendable: VALUE,
  Item: VALUE,
  Progress: VALUE,
  PullInput: PULL_INPUT_BYTES,
  InputStop: POSITION_BYTES,
  Pong: 0,
  Dying: MAX_DYING_BYTES,
  Hearing: HEARING_BYTES,
  ...IN_BOTH_DIRECTIONS,
});

/** What a host sends. */
export const FROM_HOST: FrameLimits = limits({
  Init: VALUE,
  Call: VALUE,
  Cancel: VALUE,
  Leave: 0,
  Hold: 0,
  Pull: PULL_BYTES,
  Input: VALUE,
  InputEnd: POSITION_BYTES,
  InputFailure: VALUE,
  Ping: 0,
  ...IN_BOTH_DIRECTIONS,
});

/** @throws ProtocolError when a frame of this type has no such length. @param bytes Of its payload. */
export function checkLength(limits: FrameLimits, type: number, bytes: number): void {
  if (bytes <= (limits[type] ?? 0)) return;
  throw new ProtocolError(
    limits[type] === undefined
      ? `Expected no ${frameName(type)} from this side, received one of ${bytes} bytes`
      : `Expected a ${frameName(type)} to have at most ${limits[type]} bytes, received ${bytes}`,
  );
}
