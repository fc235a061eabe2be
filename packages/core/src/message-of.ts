/** What an error says. Whatever is thrown may be no Error at all, also by a runtime. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
