/** Random bytes without `crypto`, whose first use takes Node 5 to 12 ms. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const DEVICE = "/dev/urandom";

export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  if (!readDevice(bytes)) crypto.getRandomValues(bytes);
}

/** False where there is no such device: another system, a container that has its own idea of /dev. */
function readDevice(bytes: Uint8Array): boolean {
  try {
    const descriptor = openSync(DEVICE, "r");
    try {
      return fstatSync(descriptor).isCharacterDevice() && readSync(descriptor, bytes) === bytes.length;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
}
