/** Pure: the order of the contenders. */

/** The same list, rotated in every round, so that no contender always runs first or after the same load. */
export function rotate<T>(list: readonly T[], round: number, rounds: number): T[] {
  if (list.length === 0) return [];
  const start = (round * Math.max(1, Math.floor(list.length / rounds))) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}
