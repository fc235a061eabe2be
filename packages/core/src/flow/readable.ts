/**
 * Node streams among the iterables that callers pass. They report a failure by an event, which ends the process if
 * nothing listens. They must be released by `destroy()`, since ending an iterator that has not begun, or that waits,
 * does not do it. Recognised by their shape: `on`, and an async iterator.
 */

import { propertyOf } from "../bare.ts";

export interface Readable {
  on(event: "error", listener: (error: unknown) => void): unknown;
  destroy?: (() => unknown) | undefined;
}

/** @throws whatever reading its properties throws. */
export function isReadable(value: unknown): value is Readable {
  if (typeof value !== "object" || value === null) return false;
  const { [Symbol.asyncIterator]: iterator } = value as Record<PropertyKey, unknown>;
  return typeof iterator === "function" && typeof propertyOf(value, "on") === "function";
}

/** Destroys a stream that nobody reads any more, and ignores its later errors. Never throws. */
export function abandon(value: unknown): void {
  try {
    if (!isReadable(value)) return;
    value.on("error", () => {}); // a file that could not be opened reports it even after destroy()
    value.destroy?.();
  } catch {
    // How an unwanted stream ends is not the caller's concern.
  }
}
