/**
 * Several items of a `map` in one call: they run one after another, each with its own outcome. The loop turns in
 * between, so that a cancel is heard, and then no further item is started.
 */
import { cutOff, owns } from "../bare.ts";
import { isThenable } from "../thenable.ts";
import type { ChunkOutcome } from "../wire/frame.ts";
import { type EncodedValue, encode, encodeThrown, toUnsendable } from "../wire/value.ts";
import { located } from "./syntax-errors.ts";
import { type Loop, Turns } from "./turns.ts";

/** What a chunk's promise is resolved with: an array inherits a `then` where every object does. */
export class Outcomes {
  readonly list: ChunkOutcome[] = [];

  static {
    cutOff(Outcomes);
  }
}

/**
 * @param isGivenUp Whether the caller no longer waits for the outcomes.
 * @param start Runs the body so that what an item before has entered is not around it.
 */
export async function runChunk(
  task: (...args: unknown[]) => unknown,
  items: readonly unknown[][],
  loop: Loop,
  isGivenUp: () => boolean,
  start: (body: () => unknown) => unknown = (body) => body(),
): Promise<Outcomes> {
  const outcomes = new Outcomes();
  const turns = new Turns(loop);
  for (const args of items) {
    const turn = turns.due();
    if (turn !== undefined) await turn;
    if (isGivenUp()) break;
    try {
      const result = start(() => task(...args));
      outcomes.list.push({ value: isThenable(result) ? await result : result });
    } catch (error) {
      outcomes.list.push({ error: located(error) });
    }
  }
  return outcomes;
}

/** Encodes all outcomes at once, which nearly always works; only otherwise looks for the item that can't be sent. */
export function encodeOutcomes(outcomes: readonly ChunkOutcome[]): EncodedValue {
  try {
    return encode(outcomes, "result");
  } catch {
    return encodeThrown(outcomes.map(sendable)); // errors may be the cause: they arrive without the part that can't be sent
  }
}

/** A result that can't be sent fails its own item, not its neighbours. */
export function sendable(outcome: ChunkOutcome): ChunkOutcome {
  if (!owns(outcome, "value")) return outcome;
  try {
    encode(outcome.value, "result");
    return outcome;
  } catch (error) {
    return { unsendable: toUnsendable(error) };
  }
}
