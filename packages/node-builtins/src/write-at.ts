/** A write by position, to its end: with little room left the system takes a part, and says so by the number alone. */
import { fs } from "./fs.ts";

/** @throws Error when there is no room for the rest. */
export function writeAt(descriptor: number, bytes: Uint8Array, at: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += fs.writeSync(descriptor, bytes, written, bytes.length - written, at + written);
  }
}
