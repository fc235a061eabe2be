import { propertyOf } from "./bare.ts";

/** Whether `await` would wait for it. Reads `then`, as `await` does: a getter of the caller's may throw. What all objects inherit is no `then` of theirs. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof propertyOf(value, "then") === "function";
}
