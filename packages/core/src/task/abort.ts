import { bare } from "../bare.ts";

/** Shared by all subscriptions; an inherited `signal` or `capture` would change what they hear. */
export const ONCE: { readonly once: true } = bare({ once: true });

/** Subscribes to an abort. Returns an unsubscribe function, to be called at most once; what the signal throws then is reported. */
export function onAbort(
  signal: AbortSignal,
  callback: (reason: unknown) => void,
  onForeignError: (error: unknown) => void,
): () => void {
  let isListed = true;
  const listener = () => {
    isListed = false; // `once` has removed it; removing it again would search the whole list
    callback(signal.reason);
  };
  signal.addEventListener("abort", listener, ONCE);
  return () => {
    try {
      if (isListed) signal.removeEventListener("abort", listener);
    } catch (error) {
      onForeignError(error);
    }
  };
}
