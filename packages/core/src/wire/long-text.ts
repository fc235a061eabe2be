/**
 * Long text, which travels as bytes beside the text of its value: JSON reads it for what to escape, copies it, and does the same
 * again on the other side, which is most of what a page of HTML costs. Owns from which length on, and how it is read; its bytes are a snapshot (snapshot.ts).
 */
import { malformed } from "./malformed.ts";
import { letGo } from "./snapshot.ts";
import { readLongText } from "./text.ts";

/** In UTF-16 units. Below, JSON takes as long as the frames that bytes need [measured]. */
const LONG_UNITS = 32 * 1024;

/** UTF-8 has no lone surrogates, which JSON escapes. */
export function isLong(text: string): boolean {
  return text.length >= LONG_UNITS && text.isWellFormed();
}

/**
 * @param bytes Nobody else's: their memory is used again.
 * @throws ProtocolError when there are none; TypeError when they are not UTF-8; SerializationError when they are more than a string of this runtime can hold.
 */
export function textOfBytes(bytes: ArrayBuffer): string {
  if (bytes.byteLength === 0) throw malformed("a long text", "an empty one");
  const view = new Uint8Array(bytes);
  const text = readLongText(view, 0, view.length);
  letGo(view);
  return text;
}
