/** Words for what was thrown, which may be anything: to ask it for its message may throw, too. */

/** What an error says. Never throws, and always gives a string. */
export function messageOf(error: unknown): string {
  return textOf(() => (error instanceof Error ? error.message : error), error);
}

/** The error with its stack, where it has one. Never throws. */
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
