/** What an application's callback throws is its own uncaught error, and never disturbs the pool. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
