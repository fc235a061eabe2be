/** Several items of a `map` in one call: one after another, each with an outcome of its own. */
import type { ChunkOutcome } from "../wire/frame.ts";
import { type EncodedValue, encode, encodeThrown, toUnsendable } from "../wire/value.ts";

export async function runChunk(
  task: (...args: unknown[]) => unknown,
  items: readonly unknown[][],
): Promise<ChunkOutcome[]> {
  const outcomes: ChunkOutcome[] = [];
  for (const args of items) {
    try {
      outcomes.push({ value: await task(...args) });
    } catch (error) {
      outcomes.push({ error });
    }
  }
  return outcomes;
}

/** All at once, as nearly always it can be; only then is it looked for what can't be sent. */
export function encodeOutcomes(outcomes: readonly ChunkOutcome[]): EncodedValue {
  try {
    return encode(outcomes, "result");
  } catch {
    return encodeThrown(outcomes.map(sendable)); // it may be an error, which arrives without what can't cross
  }
}

/** A result that can't be sent is the failure of its item, not of its neighbours. */
export function sendable(outcome: ChunkOutcome): ChunkOutcome {
  if (!("value" in outcome)) return outcome;
  try {
    encode(outcome.value, "result");
    return outcome;
  } catch (error) {
    return { unsendable: toUnsendable(error) };
  }
}
