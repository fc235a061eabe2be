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
/** The same in each byte of a word. */
const WORD = 4;
const EACH_ONE = 0x01010101;
const EACH_HIGHEST = 0x80808080;
const EACH_OPEN = OPEN * EACH_ONE;
const EACH_BUT_BRACE = ~(BRACE * EACH_ONE);
/** Beyond this, a search by the runtime is quicker than a loop. */
const SHORT_STRING = 32;

/** @throws ProtocolError when the text between nests too deep. It need not be JSON. */
export function checkDepth(bytes: Uint8Array, start: number, end: number): void {
  if (end - start <= MAX_DEPTH || mostOpen(bytes, start, end) <= MAX_DEPTH) return;
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) at = endOfString(bytes, at + 1, end);
    else if ((byte & ~BRACE) === OPEN) {
      if (++depth > MAX_DEPTH) throw malformed(`a text that nests at most ${MAX_DEPTH} deep`, "a deeper one");
    } else if ((byte & ~BRACE) === CLOSE) depth--;
  }
}

/**
 * As many brackets and braces as open, or a few more, whether in a text or not: four bytes at a time, in a third to a ninth of the time
 * that it takes to follow the nesting [measured], which most values then need not.
 */
function mostOpen(bytes: Uint8Array, start: number, end: number): number {
  const first = Math.min(end, start + ((WORD - ((bytes.byteOffset + start) % WORD)) % WORD));
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + first, (end - first) >> 2);
  let count = first - start + (end - first - words.length * WORD);
  for (let i = 0; i < words.length; i++) {
    const differs = ((words[i] as number) & EACH_BUT_BRACE) ^ EACH_OPEN;
    const equal = (differs - EACH_ONE) & ~differs & EACH_HIGHEST; // a bit for each byte that is 0
    count += Math.imul(equal >>> 7, EACH_ONE) >>> 24;
  }
  return count;
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
