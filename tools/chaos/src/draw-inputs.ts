/**
 * Draws the inputs of calls: iterable arguments, and argument lists for `map`. Owns how many items, how fast and how
 * they end.
 */

import type { Random } from "@reapool/measuring/random";
import type { Input, Source } from "./program.ts";

/** An iterable argument. */
export function drawInput(random: Random, isShort: boolean): Input {
  const of = random.weighted([
    [6, "generator" as const],
    [3, "readable" as const],
    [1, "missing file" as const],
  ]);
  if (of === "missing file") return { of };
  return {
    of,
    ...random.maybe(0.7, () => ({ items: random.pick(isShort ? [0, 1, 3, 17] : [0, 1, 3, 16, 17, 60]) })),
    ...random.maybe(0.15, () => ({ fails: true as const })),
    ...random.maybe(0.4, () => ({ every: drawPause(random, isShort) })),
    ...random.maybe(0.25, () => ({ take: random.pick([1, 2, 5]) })),
  };
}

export function drawSource(random: Random, items: number | undefined, isShort: boolean): Source {
  const of = random.pick(["array", "generator", "later"]);
  return {
    of,
    ...(items !== undefined && { items }),
    ...(of === "later" && random.chance(0.5) ? { every: drawPause(random, isShort) } : {}),
    ...random.maybe(0.12, () => ({ ends: random.pick(["fails", "fails", "stuck"]) })),
    ...random.maybe(0.15, () => ({ bad: random.pick([1, 3, 10]) })),
  };
}

/** Between two items, in ms. */
export const drawPause = (random: Random, isShort: boolean): number =>
  random.pick(isShort ? [0, 0, 1] : [0, 1, 3]);
