/** The layout of a value, and pieces of bytes: made without the writer, which is not under test. */
import type { EncodedValue } from "../../../packages/core/src/wire/value.ts";

export const VALUE_HEADER = 5;
export const FRAME_HEADER = 9;

export function joined(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function payloadOf({ kind, text, attachments = [] }: EncodedValue): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  const header = new Uint8Array(VALUE_HEADER);
  header[0] = kind;
  new DataView(header.buffer).setUint32(1, bytes.length);
  return joined([header, bytes, ...attachments]);
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
