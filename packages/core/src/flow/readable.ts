/**
 * Streams of Node's kind among the iterables that callers hand over: they tell a failure by an event, which ends the
 * process where nobody listens, and are let go of by `destroy()`, since an iterator that has not begun, or that waits,
 * does not do it. Knows them by what they have: `on`, and an async iterator.
 */

export interface Readable {
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy?: (() => unknown) | undefined;
}

/** @throws what reading its properties throws. */
export function isReadable(value: unknown): value is Readable {
  if (typeof value !== "object" || value === null) return false;
  const { on, [Symbol.asyncIterator]: iterator } = value as Record<PropertyKey, unknown>;
  return typeof on === "function" && typeof iterator === "function";
}

/** Nobody reads it any more: what it says from now on counts for nothing. Never throws. */
export function abandon(value: unknown): void {
  try {
    if (!isReadable(value)) return;
    value.on("error", () => {}); // also of a file that could not be opened: that comes after it was destroyed
    value.destroy?.();
  } catch {
    // It is not the caller's concern how what is not wanted ends.
  }
}
