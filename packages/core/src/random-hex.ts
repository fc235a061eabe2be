/** Ids and secrets that nobody guesses and no two share. */

import type { Runtime } from "./port/runtime.ts";

/** So many random bytes, as twice as many hexadecimal digits. */
export function randomHex(bytes: number, { fillRandom }: Pick<Runtime, "fillRandom">): string {
  const random = new Uint8Array(bytes);
  fillRandom(random);
  return Array.from(random, toHex).join("");
}

function toHex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
