import fc from "fast-check";
import { expect, test } from "vitest";
import { Receiver } from "../../src/flow/receiver.ts";
import { Sender, type Source, sourceOf } from "../../src/flow/sender.ts";
import { WINDOW } from "../../src/wire/frame.ts";
import { runs } from "../support/effort.ts";

test("through any channel a flow keeps its order and its window, tells its end last, and stops when asked", async () => {
  const flow = fc.record({
    items: fc.nat(60),
    end: fc.constantFrom("return", "throw"),
    /** Taken before the consumer wants no more; more than there are is all of them. */
    takes: fc.nat(90),
    /** What happens next: something arrives there, or here, or the consumer goes on. */
    lots: fc.infiniteStream(fc.constantFrom("there", "here", "consume")),
  });
  await fc.assert(
    fc.asyncProperty(flow, async ({ items, end, takes, lots }) => {
      let [yielded, isClosed] = [0, false];
      const there: (() => void)[] = [];
      const here: (() => void)[] = [];
      async function* source() {
        try {
          while (yielded < items) yield yielded++;
          if (end === "throw") throw "thrown";
          return "returned";
        } finally {
          isClosed = true;
        }
      }
      let ended: () => void = () => {};
      const receiver = new Receiver({
        pull: (count) => void there.push(() => sender.grant(count)),
        stop: () => {
          there.push(() => sender.stop());
          return new Promise((resolve) => (ended = resolve));
        },
      });
      const tell = (action: () => void) => void here.push(action);
      const sender = new Sender(sourceOf(source()) as Source, {
        onItem: (item) => tell(() => receiver.push(item)),
        onEnd: (value) => tell(() => [receiver.end(value), ended()]),
        onFail: (error) => tell(() => [receiver.fail(error), ended()]),
      });
      const taken: unknown[] = [];
      let outcome: unknown;
      let isWaiting = false;
      const consume = () => {
        if (isWaiting || outcome !== undefined) return;
        isWaiting = true;
        const step =
          taken.length < takes
            ? receiver.next()
            : receiver.return("broken").then((s) => ({ ...s, done: true }));
        step.then(
          ({ done, value }) => {
            isWaiting = false;
            if (done) outcome = value;
            else taken.push(value);
          },
          (error: unknown) => (outcome = error),
        );
      };
      for (let step = 0; outcome === undefined; step++) {
        if (step > 5_000) expect.fail("the flow stands still");
        const lot = lots.next().value;
        if (lot === "consume") consume();
        else (lot === "there" ? there : here).shift()?.();
        for (let i = 0; i < 10; i++) await undefined;
        expect(yielded).toBeLessThanOrEqual(taken.length + WINDOW + 1);
      }
      const isBroken = takes <= items;
      const count = Math.min(takes, items);
      expect(taken).toEqual(Array.from({ length: count }, (_, i) => i));
      expect(outcome).toBe(isBroken ? "broken" : end === "throw" ? "thrown" : "returned");
      if (yielded > 0) expect(isClosed).toBe(true);
    }),
    { numRuns: runs(300) },
  );
});
