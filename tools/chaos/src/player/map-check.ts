/** Whether the results of a `map` are right. PURE, like the model. */
import type { CallRecord } from "./calls.ts";
import { describe } from "./describe.ts";
import { type End, expectedOfItem, failureOfSource } from "./model.ts";
import { type Facts, isExcused } from "./verdict.ts";

type Wrong = readonly [expected: string, received: string];

export function checkMap(record: CallRecord, facts: Facts): Wrong[] {
  const { step, name, items, isLeft, outcome } = record;
  const { items: count = Number.POSITIVE_INFINITY } = step.source ?? {};
  const { ordered = true, stopOnError = true } = step.options ?? {};
  const given = items.map(describe);
  // Worked out once for each item: it may be a megabyte, and every error is compared with all of them.
  const ends: End[] = [];
  const endAt = (index: number): End => {
    ends[index] ??= expectedOfItem(step, name, index);
    return ends[index];
  };
  const wrong = ordered ? findOutOfOrder(given, count, endAt) : findStranger(given, count, endAt);
  if (wrong !== undefined) return [wrong];
  if (isLeft || outcome === undefined) return [];

  if ("value" in outcome) {
    const isWhole = given.length === count && step.source?.ends === undefined;
    return isWhole ? [] : [[`all ${count} items, or an error`, `${given.length} items and no error`]];
  }
  const text = describe(outcome.error);
  if (isExcused(text, facts)) return [];
  const isOwn = (error: string): boolean =>
    error === failureOfSource(name)
      ? step.source?.ends === "fails"
      : isBadItem(error, count, endAt) || isExcused(error, facts);
  if (stopOnError)
    return isOwn(text) ? checkPlace(record, facts, text, endAt) : [["an error of an item", text]];

  const { error } = outcome;
  if (!(error instanceof AggregateError)) return [["an AggregateError of all errors", text]];
  const errors = (error.errors as unknown[]).map((one) => withoutIndex(describe(one), endAt));
  const stranger = errors.find((one) => !isOwn(one));
  if (stranger !== undefined) return [["errors of items alone", stranger]];
  const ofItems = errors.filter((one) => one !== failureOfSource(name)).length;
  if (given.length + ofItems === count || record.wasAborted) return [];
  return [
    [`${count} items, with a result or an error each`, `${given.length} results and ${ofItems} errors`],
  ];
}

/** An error of an item says which, as its `index`: removes that if it is right. */
function withoutIndex(described: string, endAt: (index: number) => End): string {
  const [found, index] = /,?index:(\d+)(?=\})/.exec(described) ?? [];
  if (found === undefined) return described;
  const end = endAt(Number(index));
  const text = described.replace(found, "").replace("{}", "");
  return "error" in end && end.error === text ? text : described;
}

/** In order, all items before the first error have come, unless something else ended it. */
function checkPlace(
  { step, items, name }: CallRecord,
  facts: Facts,
  error: string,
  endAt: (index: number) => End,
): Wrong[] {
  const isDisturbed = facts.isDeadly || facts.timeout !== undefined || facts.queueTimeout !== undefined;
  if (step.options?.ordered === false || isDisturbed || error === failureOfSource(name)) return [];
  const end = endAt(items.length);
  return "error" in end && end.error === error ? [] : [[`item ${items.length} to be next`, `error ${error}`]];
}

/** Results of failed items are missing, so each result must be found after the one before it. */
function findOutOfOrder(
  given: readonly string[],
  count: number,
  endAt: (index: number) => End,
): Wrong | undefined {
  let index = 0;
  for (const [place, text] of given.entries()) {
    const from = index;
    for (;;) {
      if (index >= count || index > from + MOST_MISSING)
        return [`result ${place} to be of item ${from} or later`, text];
      const end = endAt(index++);
      if ("value" in end && end.value === text) break;
    }
  }
  return undefined;
}

/** Items of a source are at most some hundreds. */
const MOST_MISSING = 1_000;

function findStranger(
  given: readonly string[],
  count: number,
  endAt: (index: number) => End,
): Wrong | undefined {
  const left = new Map<string, number>();
  const most = Number.isFinite(count) ? count : given.length + MOST_MISSING;
  for (let i = 0; i < most; i++) {
    const end = endAt(i);
    if ("value" in end) left.set(end.value, (left.get(end.value) ?? 0) + 1);
  }
  for (const text of given) {
    const times = left.get(text) ?? 0;
    if (times === 0) return ["results of its items, each once", text];
    left.set(text, times - 1);
  }
  return undefined;
}

function isBadItem(error: string, count: number, endAt: (index: number) => End): boolean {
  for (let i = 0; i < Math.min(count, MOST_MISSING); i++) {
    const end = endAt(i);
    if ("error" in end && end.error === error) return true;
  }
  return false;
}
