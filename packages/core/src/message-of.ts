/** Describes a thrown value, which may be anything: even reading its message may throw. */

/** The error's message. Never throws, and always returns a string. */
export function messageOf(error: unknown): string {
  return textOf(() => (error instanceof Error ? error.message : error), error);
}

/** The error's stack, or its message if it has none. Never throws. */
export function stackOf(error: unknown): string {
  return textOf(() => (error instanceof Error ? (error.stack ?? error.message) : error), error);
}

function textOf(read: () => unknown, error: unknown): string {
  try {
    return String(read());
  } catch {
    return `something that can't be put into words (${typeof error})`;
  }
}
