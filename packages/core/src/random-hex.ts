/** Ids and secrets that nobody guesses and no two share. */

import type { Runtime } from "./port/runtime.ts";

type Random = Pick<Runtime, "fillRandom">;

const webCrypto: Random = { fillRandom: (bytes) => void crypto.getRandomValues(bytes) };

/** So many random bytes, as twice as many hexadecimal digits. */
export function randomHex(bytes: number, { fillRandom }: Random = webCrypto): string {
  const random = new Uint8Array(bytes);
  fillRandom(random);
  return Array.from(random, toHex).join("");
}

function toHex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
