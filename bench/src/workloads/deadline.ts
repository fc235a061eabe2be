/** No wait is endless: one slow size or one hung call costs its own figure, not the others. */

class TooSlow extends Error {
  override readonly name = "TooSlow";
}

/** @throws TooSlow that says what did not come. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooSlow(`no ${what} within ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export const whyOf = (error: unknown): { readonly skipped: string } => ({
  skipped: error instanceof Error ? error.message : String(error),
});
