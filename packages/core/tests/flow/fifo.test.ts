import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../../src/flow/fifo.ts";
import { runs } from "../support/effort.ts";

test("gives back what was put in, in that order, whatever happens in between", () => {
  const steps = fc.array(
    fc.oneof(
      fc.nat(2_000).map((count) => ["push", count] as const),
      fc.nat(2_000).map((count) => ["shift", count] as const),
      fc.constant(["clear", 0] as const),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(steps, (commands) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      let next = 0;
      for (const [what, count] of commands) {
        if (what === "clear") {
          fifo.clear();
          model = [];
        }
        for (let i = 0; i < count; i++) {
          if (what === "push") {
            fifo.push(next);
            model.push(next++);
          } else {
            expect(fifo.peek()).toBe(model[0]);
            expect(fifo.shift()).toBe(model.shift());
          }
        }
        expect(fifo.size).toBe(model.length);
      }
    }),
    { numRuns: runs(50) },
  );
});

test("keeps nothing of what was taken", () => {
  const fifo = new Fifo<object>();
  for (let i = 0; i < 5; i++) fifo.push({});
  while (fifo.shift() !== undefined);
  expect([fifo.size, fifo.peek(), fifo.shift()]).toEqual([0, undefined, undefined]);
});
