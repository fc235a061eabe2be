/**
 * Several items of a `map` in one call: one after another, each with an outcome of its own. The loop turns in between, so
 * that whoever gives the call up is heard, and then no further item is begun.
 */
import { isThenable } from "../thenable.ts";
import type { ChunkOutcome } from "../wire/frame.ts";
import { type EncodedValue, encode, encodeThrown, toUnsendable } from "../wire/value.ts";
import { type Loop, Turns } from "./turns.ts";

/** @param isGivenUp Nobody waits for the outcomes any more. */
export async function runChunk(
  task: (...args: unknown[]) => unknown,
  items: readonly unknown[][],
  loop: Loop,
  isGivenUp: () => boolean,
): Promise<ChunkOutcome[]> {
  const outcomes: ChunkOutcome[] = [];
  const turns = new Turns(loop);
  for (const args of items) {
    const turn = turns.due();
    if (turn !== undefined) await turn;
    if (isGivenUp()) break;
    try {
      const result = task(...args);
      outcomes.push({ value: isThenable(result) ? await result : result });
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
