/**
 * Checks the frames of calls before the worker believes them: their length, the numbers they name, how much they grant.
 * PURE. What is wrong with a value fails its call alone; what is wrong with a frame ends the worker.
 */
import { ProtocolError } from "../errors.ts";
import { FrameType, frameName, WINDOW } from "../wire/frame.ts";
import { PULL_BYTES } from "../wire/frame-limits.ts";
import { readUint16, readUint32 } from "../wire/integers.ts";
import { VALUE_HEADER_BYTES } from "../wire/value.ts";

/** Before the positions of iterable arguments: the export, the flags, how many positions. */
const PREFIX_BYTES = 4;
const ALL_FLAGS = 7;

/** @throws ProtocolError unless it is a Call of one of this many exports. */
export function checkCall(payload: Uint8Array, exports: number): void {
  const inputs = payload.length < PREFIX_BYTES ? 0 : (payload[3] as number);
  const atLeast = PREFIX_BYTES + inputs + VALUE_HEADER_BYTES;
  if (payload.length < atLeast) {
    throw unexpected(`a Call of at least ${atLeast} bytes, received ${payload.length}`);
  }
  const index = readUint16(payload, 0);
  if (index >= exports) throw unexpected(`a Call of one of ${exports} exports, received number ${index}`);
  const flags = payload[2] as number;
  if (flags > ALL_FLAGS) throw unexpected(`flags of a Call from 0 to ${ALL_FLAGS}, received ${flags}`);
}

/** How much a Pull grants. @param pending What was granted before and not sent yet. @throws ProtocolError */
export function grantOf(payload: Uint8Array, pending: number): number {
  if (payload.length !== PULL_BYTES)
    throw unexpected(`a Pull of ${PULL_BYTES} bytes, received ${payload.length}`);
  const count = readUint32(payload, 0);
  if (count > 0 && pending + count <= WINDOW) return count;
  throw unexpected(
    `a Pull of 1 item or more, and at most ${WINDOW} that are pulled and not sent, received ${count} after ${pending}`,
  );
}

/** @throws ProtocolError unless the frame, of a flow to the worker, has the bytes of its type. */
export function checkInput(type: number, payload: Uint8Array): void {
  const isEnd = type === FrameType.InputEnd;
  if (isEnd ? payload.length === 1 : payload.length >= 1 + VALUE_HEADER_BYTES) return;
  throw unexpected(`the bytes of an ${frameName(type)}, received ${payload.length}`);
}

export function unexpected(expected: string): ProtocolError {
  return new ProtocolError(`Expected ${expected}; the host violates the protocol`);
}
