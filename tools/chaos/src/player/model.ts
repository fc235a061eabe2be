/**
 * What each call returns if nothing disturbs it: its items, then its value or its error. PURE: from the program
 * alone. verdict.ts knows what a disturbance may change.
 */
import type { CallStep, Work } from "../program.ts";
import { describe } from "./describe.ts";
import { failureOf, itemOf, resultOf, thrownOf } from "./values.ts";

export type End = { readonly value: string } | { readonly error: string };

/** The outcome of a task. Everything as text. */
export interface Expected {
  /** The number of its items; infinite if only its consumer ends it. */
  readonly count: number;
  readonly itemAt: (index: number) => string;
  readonly end: End;
}

export function expectedOf({ do: kind, work, options }: CallStep, name: string): Expected {
  if (work.reads !== undefined) return expectedOfReader(work, name, kind === "stream");
  if (kind === "stream") {
    return { ...itemsOf(name, work.items ?? 0), end: endOf(work, name, 0) };
  }
  return { ...itemsOf(name, 0), end: endOf(work, name, options?.retries ?? 0) };
}

const itemsOf = (name: string, count: number): Pick<Expected, "count" | "itemAt"> => ({
  count,
  itemAt: (index) => describe(itemOf(name, index)),
});

/** The outcome of one item of a `map`. */
export const expectedOfItem = ({ work, source, options }: CallStep, name: string, index: number): End => {
  const bad = source?.bad;
  const isBad = bad !== undefined && index % bad === bad - 1;
  return endOf(isBad ? { ...work, throws: "error" } : work, `${name}.${index}`, options?.retries ?? 0);
};

/** What the source of a `map` fails with. */
export const failureOfSource = (name: string): string => describe(failureOf(name));

const MISSING = "ENOENT";

function endOf({ throws, fails, gives = "number", size = 0 }: Work, name: string, retries: number): End {
  const isThrown = throws !== undefined && (fails === undefined || retries < fails);
  if (isThrown) return { error: describe(thrownOf(throws, name)) };
  return { value: describe(resultOf(gives, size, name)) };
}

function expectedOfReader({ reads }: Work, name: string, isStream: boolean): Expected {
  const { of, items: given = Number.POSITIVE_INFINITY, fails, take = Number.POSITIVE_INFINITY } = reads ?? {};
  if (of === "missing file") return { ...itemsOf(name, 0), end: { error: MISSING } };
  const count = Math.min(given, take);
  const last = count > 0 && Number.isFinite(count) ? itemOf(name, count - 1) : undefined;
  const end: End =
    fails === true && take > given
      ? { error: failureOfSource(name) }
      : { value: describe(isStream ? undefined : [count, last]) };
  return { ...itemsOf(name, isStream ? count : 0), end };
}
