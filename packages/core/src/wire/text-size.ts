/**
 * How long the text of a value would be, where it is longer than a string may be. Owns the estimate alone: it is made once the
 * engine has refused, for the error.
 */

/** No engine refuses a shorter text. */
export const LONG_TEXT: number = 2 ** 28;

/** Looks at no more than this. */
const MAX_PARTS = 1_000_000;

/** At least this many characters. @throws what a getter of the value throws. */
export function textSize(value: unknown): number {
  const seen = new Set<unknown>();
  const pending: unknown[] = [value];
  let size = 0;
  for (let parts = 0; pending.length > 0 && parts < MAX_PARTS; parts++) {
    const part = pending.pop();
    size++; // a comma or a bracket
    if (typeof part === "string") size += part.length + 1;
    if (typeof part !== "object" || part === null || ArrayBuffer.isView(part) || seen.has(part)) continue;
    seen.add(part);
    if (part instanceof Map) for (const entry of part) pending.push(...entry);
    else if (part instanceof Set) for (const item of part) pending.push(item);
    else
      for (const [key, item] of Object.entries(part))
        pending.push(...(Array.isArray(part) ? [] : [key]), item);
  }
  return size;
}
