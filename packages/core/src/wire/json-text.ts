/**
 * JSON of our own objects, whatever `toJSON` a library has put on a prototype: JSON.stringify would call it. Values of
 * the application are encoded elsewhere: json-safe.ts proves that theirs have none.
 */

/** @param value Plain: objects and arrays of text, numbers, booleans and null, without cycles. */
export function jsonText(value: unknown): string {
  return "toJSON" in Array.prototype ? withoutToJson(value) : JSON.stringify(value);
}

/** Primitives have no `toJSON` that JSON.stringify would call, but for bigints, which no frame has. */
function withoutToJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const isArray = Array.isArray(value);
  let text = "";
  for (const key of Object.keys(value)) {
    const name = isArray ? "" : `${JSON.stringify(key)}:`;
    text += `${text === "" ? "" : ","}${name}${withoutToJson((value as Record<string, unknown>)[key])}`;
  }
  return isArray ? `[${text}]` : `{${text}}`;
}
