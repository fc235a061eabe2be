/**
 * A BigInt as text and back, in time that grows with its length. Decimal digits take quadratic time: ten million of them
 * took 7 to 10 s to read in each runtime [measured], hexadecimal ones 0.1 s. So the long ones are hexadecimal.
 */
import { malformed, text } from "./malformed.ts";

/** These take 0.2 ms to read. */
const MAX_DECIMAL_DIGITS = 4_096;
/** A longer one has more decimal digits than that. */
const MANY_HEX_DIGITS = 3_400;
const MAX_HEX_DIGITS = 2 ** 24;

const SMALL = 2n ** 64n;

export function digitsOf(value: bigint): string {
  if (-SMALL < value && value < SMALL) return String(value);
  const hex = (value < 0n ? -value : value).toString(16);
  if (hex.length <= MANY_HEX_DIGITS) return String(value);
  return `${value < 0n ? "-" : ""}0x${hex}`;
}

/** @throws ProtocolError when these are no digits, or too many. */
export function bigintOf(digits: unknown): bigint {
  const word = text(digits);
  const isNegative = word.startsWith("-");
  const rest = isNegative ? word.slice(1) : word;
  const isRight = rest.startsWith("0x")
    ? rest.length <= MAX_HEX_DIGITS + 2 && /^0x[\da-f]+$/.test(rest)
    : rest.length <= MAX_DECIMAL_DIGITS && /^\d+$/.test(rest);
  if (!isRight) {
    throw malformed(
      `the digits of a bigint, at most ${MAX_DECIMAL_DIGITS} decimal or ${MAX_HEX_DIGITS} hexadecimal ones`,
      digits,
    );
  }
  const value = BigInt(rest);
  return isNegative ? -value : value;
}
