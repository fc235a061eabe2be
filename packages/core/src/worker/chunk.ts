/** Several items of a `map` in one call: one after another, each with an outcome of its own. */
import type { ChunkOutcome } from "../wire/frame.ts";
import { encode, toUnsendable } from "../wire/value.ts";

export async function runChunk(
  task: (...args: unknown[]) => unknown,
  items: readonly unknown[][],
): Promise<ChunkOutcome[]> {
  const outcomes: ChunkOutcome[] = [];
  for (const args of items) {
    try {
      outcomes.push(outcomeOf(await task(...args)));
    } catch (error) {
      outcomes.push({ error });
    }
  }
  return outcomes;
}

/** A result that can't be sent is the failure of its item, not of its neighbours. */
function outcomeOf(value: unknown): ChunkOutcome {
  try {
    encode(value, "result");
    return { value };
  } catch (error) {
    return { unsendable: toUnsendable(error) };
  }
}
