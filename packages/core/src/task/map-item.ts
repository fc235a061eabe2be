/** What the consumer of a map gets for one item, and where an error says which item it is about. */
import { bare, owns } from "../bare.ts";
import { copyOf } from "../call-site.ts";
import type { SettledItem } from "../options/call-options.ts";
import type { Settled } from "./chunk-outcomes.ts";

/** Errors that carry an index: one that several items share is copied. */
const indexed = new WeakSet<object>();

/** @param index The item's place in the source. */
export function placed(
  outcome: Settled,
  index: number,
  { settled, stopOnError }: { readonly settled: boolean; readonly stopOnError: boolean },
): Settled {
  if (settled) return { value: settledItem(outcome, index) };
  if (stopOnError || owns(outcome, "value")) return outcome;
  return { error: withIndex(outcome.error, index) };
}

function settledItem(outcome: Settled, index: number): SettledItem<unknown> {
  return owns(outcome, "value")
    ? { status: "fulfilled", index, value: outcome.value }
    : { status: "rejected", index, reason: (outcome as { readonly error: unknown }).error };
}

/** A thrown value that is no error can't carry one. */
function withIndex(error: unknown, index: number): unknown {
  if (!(error instanceof Error)) return error;
  const own = indexed.has(error) || !Object.isExtensible(error) ? copyOf(error) : error;
  indexed.add(own);
  Object.defineProperty(
    own,
    "index",
    bare({ value: index, writable: true, enumerable: true, configurable: true }),
  );
  return own;
}
