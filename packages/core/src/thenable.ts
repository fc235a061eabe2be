/** Whether `await` would wait for it. Reads `then`, as `await` does: a getter of the caller's may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function"
  );
}
