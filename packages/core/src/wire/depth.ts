/**
 * Bounds how deep a text nests before JSON.parse reads it: three million arrays within each other, 6 MB, block every runtime
 * for 2 to 6 s [measured]. This package nests no deeper than a hundred (json-safe.ts); a worker in another language may.
 */
import { malformed } from "./malformed.ts";

/** A shorter text can't nest deeper, and is not looked at. */
export const MAX_DEPTH = 100_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Lower bit 5 aside, brackets and braces are the same. */
const OPEN = 0x5b;
const CLOSE = 0x5d;
const BRACE = 0x20;
/** Beyond this, a search by the runtime is quicker than a loop. */
const SHORT_STRING = 32;

/** @throws ProtocolError when the text between nests too deep. It need not be JSON. */
export function checkDepth(bytes: Uint8Array, start: number, end: number): void {
  if (end - start <= MAX_DEPTH) return;
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at + 1, end);
    else if ((byte & ~BRACE) === OPEN) {
      if (++depth > MAX_DEPTH) throw malformed(`a text that nests at most ${MAX_DEPTH} deep`, "a deeper one");
    } else if ((byte & ~BRACE) === CLOSE) depth--;
  }
}

/** Where the closing quote is, or the end. */
function endOfString(bytes: Uint8Array, start: number, end: number): number {
  const near = Math.min(end, start + SHORT_STRING);
  let at = start;
  for (; at < near; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  for (;;) {
    const quote = bytes.indexOf(QUOTE, at);
    if (quote < 0 || quote >= end) return end;
    let escapes = 0;
    while (quote - escapes > at && bytes[quote - escapes - 1] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote;
    at = quote + 1;
  }
}
