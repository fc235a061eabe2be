/** The position of an iterable argument, in the frames by which a worker asks for its items or stops them. */
import { ProtocolError } from "../errors.ts";

/** The position of the argument that a frame of this length is about. */
export function positionIn(payload: Uint8Array, bytes: number): number {
  if (payload.length === bytes) return payload[0] as number;
  throw new ProtocolError(`Expected ${bytes} bytes about an iterable argument, received ${payload.length}`);
}
