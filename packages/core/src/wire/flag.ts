/** Frames that say yes or no, as the text "1" or "0". */
import { ProtocolError } from "../errors.ts";

const NO = 0x30;
const YES = 0x31;

export const flagText = (is: boolean): string => (is ? "1" : "0");

/** @throws ProtocolError when it is neither of the two. */
export function readFlag(payload: Uint8Array, frame: string): boolean {
  const [flag] = payload;
  if (payload.length === 1 && (flag === YES || flag === NO)) return flag === YES;
  throw new ProtocolError(`Expected a ${frame} to hold "0" or "1", received ${payload.length} bytes`);
}
