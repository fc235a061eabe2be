/** Reads the outcome of each item from a worker's answer to a chunk. The worker may be a foreign one: its answer is not trusted. */
import { ours } from "../call-site.ts";
import { ProtocolError } from "../errors.ts";
import { fromUnsendable } from "../wire/value.ts";
import { ofTask } from "./call-errors.ts";

export type Settled = { readonly value: unknown } | { readonly error: unknown };

/** One for each item. If the numbers differ, outcomes can't be matched to items, so every item fails. */
export function outcomesOf(answer: unknown, items: number, task: string): readonly Settled[] {
  if (Array.isArray(answer) && answer.length === items)
    return answer.map((outcome) => outcomeOf(outcome, task));
  const received = Array.isArray(answer) ? `a list of ${answer.length}` : kindOf(answer);
  const error = new ProtocolError(
    `Expected the answer to a chunk to be a list of ${items} outcomes, received ${received}`,
    { task },
  );
  return Array.from({ length: items }, () => ({ error }));
}

function outcomeOf(outcome: unknown, task: string): Settled {
  if (typeof outcome === "object" && outcome !== null) {
    const own = outcome as Record<string, unknown>;
    if (Object.hasOwn(outcome, "value")) return { value: own.value };
    if (Object.hasOwn(outcome, "error")) return { error: ours(ofTask(own.error, task)) };
    if (Object.hasOwn(outcome, "unsendable")) return { error: ofTask(fromUnsendable(own.unsendable), task) };
  }
  return {
    error: new ProtocolError(
      "Expected the outcome of an item to be an object with value, error or unsendable, " +
        `received ${kindOf(outcome)}`,
      { task },
    ),
  };
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
