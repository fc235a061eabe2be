/**
 * Text as UTF-8, in and out of a larger buffer. Short ASCII, which covers nearly every call, is handled by hand:
 * creating a view and calling the runtime's codec costs more (measured: up to this length the loops win in all three
 * runtimes).
 */
import { bare } from "../bare.ts";
import { SerializationError } from "../errors.ts";
import { LONG_TEXT } from "./text-size.ts";

const SHORT_READ_BYTES = 12;
const SHORT_WRITE_UNITS = 32;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", bare({ fatal: true, ignoreBOM: true }));
const ASCII: readonly string[] = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));

/** @throws TypeError when the bytes are not UTF-8. */
function readText(bytes: Uint8Array, start: number, end: number): string {
  return (
    (end - start <= SHORT_READ_BYTES ? readAscii(bytes, start, end) : undefined) ??
    decoder.decode(bytes.subarray(start, end))
  );
}

/**
 * The other side's strings may be longer than this runtime's.
 *
 * @throws TypeError when the bytes are not UTF-8; SerializationError when they are too many.
 */
export function readLongText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return readText(bytes, start, end);
  } catch (cause) {
    if (end - start < LONG_TEXT) throw cause;
    throw new SerializationError(
      `Cannot receive a value: expected a text that one string of this runtime can hold, received ${end - start} bytes; ` +
        "send it in parts, as bytes, or pass the path of a file",
      { cause },
    );
  }
}

/** Needs room for three bytes per unit. Returns how many it wrote. */
export function writeText(bytes: Uint8Array, at: number, text: string): number {
  const written = text.length <= SHORT_WRITE_UNITS ? writeAscii(bytes, at, text) : undefined;
  return written ?? encoder.encodeInto(text, bytes.subarray(at)).written;
}

function readAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let i = start; i < end; i++) {
    const character = ASCII[bytes[i] as number];
    if (character === undefined) return undefined;
    text += character;
  }
  return text;
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number | undefined {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return undefined;
    bytes[at + i] = code;
  }
  return text.length;
}
