import fc from "fast-check";
import { expect, test } from "vitest";
import { BySequence } from "../../src/slot/by-sequence.ts";

interface Entry {
  readonly sequence: number;
}

test("holds what a Map would, whatever is deleted in whatever order", () => {
  const step = fc.record({ isAdded: fc.boolean(), run: fc.integer({ min: 1, max: 300 }), which: fc.nat() });
  const play = (first: number, steps: readonly { isAdded: boolean; run: number; which: number }[]) => {
    const table = new BySequence<Entry>();
    const map = new Map<number, Entry>();
    let next = first;
    for (const { isAdded, run, which } of steps) {
      for (let i = 0; i < run; i++) {
        if (isAdded) {
          const entry = { sequence: next++ };
          table.add(entry);
          map.set(entry.sequence, entry);
        } else {
          const all = [...map.keys()];
          const gone = all[(which + i * 7) % Math.max(1, all.length)] ?? next;
          table.delete(gone);
          map.delete(gone);
          expect(table.get(gone)).toBeUndefined();
        }
      }
      expect(table.size).toBe(map.size);
      expect(table.all).toEqual([...map.values()]);
      for (const [sequence, entry] of map) expect(table.get(sequence)).toBe(entry);
      expect(table.get(next)).toBeUndefined();
    }
    table.clear();
    expect([table.size, table.all, table.get(first)]).toEqual([0, [], undefined]);
  };
  const first = fc.oneof(fc.constant(1), fc.integer({ min: 2 ** 31 - 300, max: 2 ** 32 - 10_000 }));
  fc.assert(fc.property(first, fc.array(step, { maxLength: 12 }), play), { numRuns: 60 });
});

test("one that stays costs no more places, however many come after it", () => {
  const table = new BySequence<Entry>();
  const old = { sequence: 1 };
  table.add(old);
  for (let sequence = 2; sequence < 5_000; sequence++) {
    table.add({ sequence });
    expect(table.get(sequence)).toEqual({ sequence });
    table.delete(sequence);
  }
  expect([table.size, table.get(1), table.get(4_999)]).toEqual([1, old, undefined]);
});
